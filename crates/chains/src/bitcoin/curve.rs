//! The one piece of curve arithmetic that reading needs: a key's second half from its first.
//!
//! Undo files store a spent uncompressed key as its x coordinate and the parity of y. The address is
//! the whole key, so y must be computed: on secp256k1, y² = x³ + 7 over the field of p = 2^256 - 2^32 - 977,
//! and since p is 3 modulo 4 the root is a power. Only public data passes here, so time need not be hidden.

use ruint::aliases::{U256, U512};

/// 2^256 - p: what a multiple of 2^256 is worth modulo p.
const FOLD: u64 = 0x1_0000_03d1;
/// The field's prime.
const P: U256 = U256::from_limbs([u64::MAX - FOLD + 1, u64::MAX, u64::MAX, u64::MAX]);
/// (p + 1) / 4.
const ROOT: U256 = U256::from_limbs([0xffff_ffff_bfff_ff0c, u64::MAX, u64::MAX, 0x3fff_ffff_ffff_ffff]);

/// The uncompressed key (65 bytes) of a point's x coordinate and the parity of its y; `None` when no
/// point of the curve has this x.
#[must_use]
pub fn uncompressed_key(x: &[u8; 32], y_is_odd: bool) -> Option<[u8; 65]> {
    let field_x = U256::from_be_bytes(*x);
    if field_x >= P {
        return None;
    }
    let square = multiply(multiply(field_x, field_x), field_x).add_mod(U256::from(7), P);
    let root = power(square, ROOT);
    if multiply(root, root) != square {
        return None;
    }
    let y = if root.bit(0) == y_is_odd { root } else { P - root };
    let mut key = [4; 65];
    key[1..33].copy_from_slice(x);
    key[33..].copy_from_slice(&y.to_be_bytes::<32>());
    Some(key)
}

fn power(base: U256, exponent: U256) -> U256 {
    let from_top = (0..exponent.bit_len()).rev();
    from_top.fold(U256::ONE, |result, bit| {
        let squared = multiply(result, result);
        if exponent.bit(bit) { multiply(squared, base) } else { squared }
    })
}

/// A product modulo p: the upper half of 512 bits is folded onto the lower, twice.
fn multiply(a: U256, b: U256) -> U256 {
    let product: U512 = a.widening_mul(b);
    let once = fold(product);
    let twice = fold(once);
    let reduced = U256::from(fold(twice));
    if reduced >= P { reduced - P } else { reduced }
}

fn fold(number: U512) -> U512 {
    let limbs = number.into_limbs();
    let low = U512::from_limbs([limbs[0], limbs[1], limbs[2], limbs[3], 0, 0, 0, 0]);
    let high = U512::from_limbs([limbs[4], limbs[5], limbs[6], limbs[7], 0, 0, 0, 0]);
    low + high * U512::from(FOLD)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_constants_are_the_curves() {
        assert_eq!(P, U256::MAX - U256::from(FOLD) + U256::ONE);
        assert_eq!(ROOT, (P >> 2) + U256::ONE);
    }

    #[test]
    fn the_generator_and_its_mirror_are_recovered() {
        let x = "79be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798";
        let y = "483ada7726a3c4655da4fbfc0e1108a8fd17b448a68554199c47d08ffb10d4b8";
        let number = |text| U256::from_str_radix(text, 16).expect("hexadecimal");
        let even = uncompressed_key(&number(x).to_be_bytes(), false).expect("on the curve");
        assert_eq!(U256::from_be_slice(&even[33..]), number(y));
        let odd = uncompressed_key(&number(x).to_be_bytes(), true).expect("on the curve");
        assert_eq!(U256::from_be_slice(&odd[33..]), P - number(y));
    }

    #[test]
    fn an_x_off_the_curve_has_no_key() {
        let x = |number: u64| U256::from(number).to_be_bytes();
        assert!(uncompressed_key(&x(5), false).is_none());
        assert!(uncompressed_key(&x(1), false).is_some());
        assert!(uncompressed_key(&P.to_be_bytes(), false).is_none());
        assert!(uncompressed_key(&[0xff; 32], true).is_none());
    }
}
