//! Where a node listens and how it is shown who asks; secrets are never printed.

use std::fmt;
use std::path::PathBuf;

use ureq::http::Uri;

/// The longest credentials, in bytes, taken from anywhere.
pub(crate) const SECRET_LEN_MAX: usize = 4_096;

/// How the node is shown who asks.
#[derive(Clone, PartialEq, Eq, Default)]
pub enum Auth {
    /// Not at all.
    #[default]
    None,
    /// A name and a password, as in the node's `rpcuser` and `rpcpassword` or `rpcauth`.
    User {
        /// The name, without a colon.
        name: String,
        /// The password.
        password: String,
    },
    /// The file in the node's data folder that holds this start's credentials (`.cookie`). It is read
    /// before the first call, and again when the node refuses what it said: a restarted node has
    /// written another.
    Cookie(PathBuf),
}

impl fmt::Debug for Auth {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::None => f.write_str("None"),
            Self::User { name, .. } => f.debug_struct("User").field("name", name).finish_non_exhaustive(),
            Self::Cookie(path) => f.debug_tuple("Cookie").field(path).finish(),
        }
    }
}

/// A node's address and the credentials it asks for. Printing it shows no secret.
#[derive(Clone, PartialEq, Eq)]
pub struct Endpoint {
    /// Without credentials.
    url: String,
    auth: Auth,
}

/// Why a text is no node's address.
///
/// The text itself is not repeated: it may hold a password.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum EndpointError {
    /// It does not read as a URL.
    #[error("the node's address is not a URL: {reason}")]
    NotAUrl {
        /// What is wrong with it.
        reason: String,
    },
    /// Another scheme than `http`.
    #[error("the node's address begins with `{scheme}://`, and only `http://` is spoken here")]
    Scheme {
        /// What it begins with.
        scheme: String,
    },
    /// No port.
    #[error("the node's address `http://{host}` has no port")]
    NoPort {
        /// The host it names.
        host: String,
    },
    /// Something behind the path.
    #[error("the node's address has a query (`?`) or a fragment (`#`), which a node's does not have")]
    Query,
    /// Credentials in the URL, and others beside it.
    #[error("the node's address holds a name and password, and others were given beside it")]
    TwoAuths,
    /// Credentials that no node can ask for.
    #[error("the name or the password for the node {reason}")]
    Credentials {
        /// What is wrong with them.
        reason: &'static str,
    },
}

impl EndpointError {
    /// What to do about it.
    #[must_use]
    pub fn hint(&self) -> Option<String> {
        Some(match self {
            Self::NotAUrl { .. } => "write it as `http://127.0.0.1:8332`".into(),
            Self::Scheme { .. } => {
                "a node answers plain HTTP; reach one on another machine through a tunnel, such as `ssh -L 8332:127.0.0.1:8332 HOST`, and ask `http://127.0.0.1:8332`".into()
            }
            Self::NoPort { host } => format!(
                "add the node's `rpcport`, such as `http://{host}:8332` (Bitcoin: main 8332, testnet3 18332, testnet4 48332, signet 38332, regtest 18443; Litecoin: main 9332, regtest 19443)"
            ),
            Self::Query => "leave out what follows the path; escape `?` and `#` in a password as `%3F` and `%23`".into(),
            Self::TwoAuths => "give the name and password once, or the cookie file alone".into(),
            Self::Credentials { .. } => return None,
        })
    }
}

impl Endpoint {
    /// Reads `http://HOST:PORT`, with or without `NAME:PASSWORD@` before the host and a path behind it.
    /// In the name and the password, `%XX` stands for a byte.
    ///
    /// # Errors
    /// [`EndpointError`]; its text holds no secret, see [`EndpointError::hint`] for what to do.
    pub fn parse(url: &str, auth: Auth) -> Result<Self, EndpointError> {
        let (scheme, rest) = url.split_once("://").ok_or_else(|| not_a_url("it does not begin with `http://`"))?;
        if !scheme.eq_ignore_ascii_case("http") {
            return Err(scheme_error(scheme));
        }
        if rest.contains(['?', '#']) {
            return Err(EndpointError::Query);
        }
        let (authority, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
        let (inside, host) = match authority.rsplit_once('@') {
            Some((inside, host)) => (Some(user_of(inside)?), host),
            None => (None, authority),
        };
        let auth = match (inside, auth) {
            (None, auth) => auth,
            (Some(inside), Auth::None) => inside,
            (Some(_), _) => return Err(EndpointError::TwoAuths),
        };
        check_auth(&auth)?;
        Ok(Self { url: clean_url(host, path)?, auth })
    }

    /// The address without credentials.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// How the node is shown who asks.
    #[must_use]
    pub fn auth(&self) -> &Auth {
        &self.auth
    }

    /// Whether the node is on this machine, by its address: what is said to any other node crosses a
    /// network in clear text, credentials too.
    #[must_use]
    pub fn is_loopback(&self) -> bool {
        let uri: Uri = self.url.parse().expect("checked when it was read");
        let host = uri.host().expect("checked when it was read");
        let bare = host.trim_start_matches('[').trim_end_matches(']');
        host.eq_ignore_ascii_case("localhost")
            || bare.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback())
    }
}

impl fmt::Display for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.url)
    }
}

impl fmt::Debug for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Endpoint").field("url", &self.url).field("auth", &self.auth).finish()
    }
}

fn not_a_url(reason: &str) -> EndpointError {
    EndpointError::NotAUrl { reason: reason.to_owned() }
}

/// Only a real scheme is repeated: before the first `://` of another text there may be a password.
fn scheme_error(scheme: &str) -> EndpointError {
    let plain = !scheme.is_empty() && scheme.len() <= 12 && scheme.bytes().all(|byte| byte.is_ascii_alphabetic());
    if plain {
        EndpointError::Scheme { scheme: scheme.to_owned() }
    } else {
        not_a_url("it does not begin with `http://`")
    }
}

fn clean_url(host: &str, path: &str) -> Result<String, EndpointError> {
    let path = if path.is_empty() { "/" } else { path };
    let url = format!("http://{host}{path}");
    let uri: Uri = url.parse().map_err(|error: ureq::http::uri::InvalidUri| not_a_url(&error.to_string()))?;
    let host = uri.host().filter(|host| !host.is_empty()).ok_or_else(|| not_a_url("it names no host"))?;
    if uri.port_u16().is_none_or(|port| port == 0) {
        return Err(EndpointError::NoPort { host: host.to_owned() });
    }
    Ok(url)
}

fn user_of(inside: &str) -> Result<Auth, EndpointError> {
    let (name, password) = inside.split_once(':').unwrap_or((inside, ""));
    Ok(Auth::User { name: unescaped(name)?, password: unescaped(password)? })
}

fn unescaped(text: &str) -> Result<String, EndpointError> {
    let refuse = EndpointError::Credentials { reason: "holds a `%` that no byte's two digits follow" };
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&first, after)) = rest.split_first() {
        rest = after;
        if first != b'%' {
            bytes.push(first);
            continue;
        }
        let digits = after.first_chunk::<2>().filter(|digits| digits.iter().all(u8::is_ascii_hexdigit));
        let digits = digits.and_then(|digits| std::str::from_utf8(digits).ok()).ok_or_else(|| refuse.clone())?;
        bytes.push(u8::from_str_radix(digits, 16).expect("two hexadecimal digits"));
        rest = &after[2..];
    }
    String::from_utf8(bytes).map_err(|_| EndpointError::Credentials { reason: "is not UTF-8" })
}

fn check_auth(auth: &Auth) -> Result<(), EndpointError> {
    let Auth::User { name, password } = auth else { return Ok(()) };
    let reason = if name.contains(':') {
        "has a colon in the name, where none can be"
    } else if name.len() + password.len() > SECRET_LEN_MAX {
        "is longer than 4,096 bytes"
    } else {
        return Ok(());
    };
    Err(EndpointError::Credentials { reason })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(url: &str) -> Result<Endpoint, EndpointError> {
        Endpoint::parse(url, Auth::None)
    }

    #[test]
    fn an_address_may_hold_credentials_and_never_shows_them() {
        let endpoint = parse("http://alice:se%3Acr%2Fet@127.0.0.1:8332").expect("a node's address");
        assert_eq!(endpoint.auth(), &Auth::User { name: "alice".into(), password: "se:cr/et".into() });
        assert_eq!(endpoint.to_string(), "http://127.0.0.1:8332/");
        assert!(!format!("{endpoint} {endpoint:?}").contains("cr"), "{endpoint:?}");
        assert_eq!(parse("http://[::1]:18443/wallet/x").expect("an address").url(), "http://[::1]:18443/wallet/x");
    }

    #[test]
    fn what_is_no_nodes_address_is_told_with_a_hint() {
        for (url, said) in [
            ("127.0.0.1:8332", "not a URL: it does not begin with `http://`"),
            ("https://node.example:8332", "begins with `https://`"),
            ("http://127.0.0.1", "`http://127.0.0.1` has no port"),
            ("http://:8332", "not a URL"),
            ("http://host:99999", "no port"),
            ("http://a b:1", "not a URL"),
            ("http://h:1/?x", "query"),
        ] {
            let error = parse(url).expect_err(url);
            assert!(error.to_string().contains(said), "{url}: {error}");
            assert!(error.hint().is_some(), "{url}");
        }
    }

    #[test]
    fn no_error_repeats_a_password() {
        for url in
            ["sesame://h:1", "http://a:sesame@h", "http://a:sesame@h:1?", "http://a:sesame%@h:1", "sesame:sesame@h://"]
        {
            let error = parse(url).expect_err(url);
            assert!(url.starts_with("sesame://") || !format!("{error} {error:?}").contains("sesame"), "{error}");
        }
        let twice = Endpoint::parse("http://a:b@h:1", Auth::Cookie("x".into()));
        assert_eq!(twice, Err(EndpointError::TwoAuths));
    }

    #[test]
    fn only_this_machine_is_loopback() {
        for (url, own) in [
            ("http://localhost:1", true),
            ("http://127.8.9.1:1", true),
            ("http://[::1]:1", true),
            ("http://10.0.0.1:1", false),
            ("http://127.0.0.1.example:1", false),
        ] {
            assert_eq!(parse(url).expect(url).is_loopback(), own, "{url}");
        }
    }
}
