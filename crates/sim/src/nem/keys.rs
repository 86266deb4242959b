//! Key pairs of NIS1, a pure function of a seed: Ed25519 with Keccak-512, private keys hashed backwards.
//!
//! Signatures are real and hold; the keys are no secret: whoever knows the seed has them all.

use std::fmt;

use coinhound_chains::nem::hash::keccak256;
use coinhound_chains::nem::{Address, Network, PublicKey, Signature};
use data_encoding::HEXLOWER;
use ed25519_dalek::VerifyingKey;
use ed25519_dalek::hazmat::{ExpandedSecretKey, raw_sign};
use sha3::{Digest, Keccak512};

/// A private key with its public one.
pub struct KeyPair {
    private: [u8; 32],
    secret: ExpandedSecretKey,
    public: VerifyingKey,
}

impl KeyPair {
    /// The key with this number of this seed.
    #[must_use]
    pub fn derive(seed: u64, number: u32) -> Self {
        let mut text = b"coinhound-sim NIS1 key ".to_vec();
        text.extend(seed.to_be_bytes());
        text.extend(number.to_be_bytes());
        Self::of_private(keccak256(&text).0)
    }

    /// The pair of a private key, its bytes in the order in which NEM writes them.
    #[must_use]
    pub fn of_private(private: [u8; 32]) -> Self {
        let mut backwards = private;
        backwards.reverse();
        let secret = ExpandedSecretKey::from_bytes(&Keccak512::digest(backwards).into());
        let public = VerifyingKey::from(&secret);
        Self { private, secret, public }
    }

    /// The public key.
    #[must_use]
    pub fn public(&self) -> PublicKey {
        PublicKey(self.public.to_bytes())
    }

    /// The private key in hexadecimal, as NEM writes it.
    #[must_use]
    pub fn private_hex(&self) -> String {
        HEXLOWER.encode(&self.private)
    }

    /// The account of this key.
    #[must_use]
    pub fn address(&self, network: Network) -> Address {
        Address::of_key(&self.public(), network)
    }

    /// The one signature that this key gives these bytes.
    #[must_use]
    pub fn sign(&self, message: &[u8]) -> Signature {
        Signature(raw_sign::<Keccak512>(&self.secret, message, &self.public).to_bytes())
    }
}

impl fmt::Debug for KeyPair {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "KeyPair({})", self.public())
    }
}

#[cfg(test)]
mod tests {
    use coinhound_chains::nem::sign::is_signed;

    use super::*;

    fn private(text: &str) -> [u8; 32] {
        HEXLOWER.decode(text.as_bytes()).expect("hexadecimal").try_into().expect("32 bytes")
    }

    #[test]
    fn a_published_private_key_gives_the_published_account() {
        let pair = KeyPair::of_private(private("575dbb3062267eff57c970a336ebbc8fbcfe12c5bd3ed7bc11eb0481d7704ced"));
        assert_eq!(pair.public().to_string(), "c5f54ba980fcbb657dbaaa42700539b207873e134d2375efeab5f1ab52f87844");
        assert_eq!(pair.address(Network::Main).to_string(), "NDD2CT6LQLIYQ56KIXI3ENTM6EK3D44P5JFXJ4R4");
    }

    #[test]
    fn a_key_follows_from_seed_and_number_and_signs_the_same_each_time() {
        let (pair, again) = (KeyPair::derive(7, 3), KeyPair::derive(7, 3));
        assert_eq!((pair.public(), pair.sign(b"pay")), (again.public(), again.sign(b"pay")));
        assert!(is_signed(&pair.public(), b"pay", &pair.sign(b"pay")));
        for other in [KeyPair::derive(7, 4), KeyPair::derive(8, 3)] {
            assert_ne!(other.public(), pair.public());
            assert!(!is_signed(&other.public(), b"pay", &pair.sign(b"pay")));
        }
    }
}
