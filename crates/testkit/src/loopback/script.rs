//! When a lie is told, and the list of all lies of a node.

/// Makes the enumeration of a node's lies, with the list of all of them.
macro_rules! lies {
    ($(#[doc = $about:literal])* $lie:ident { $($(#[doc = $doc:literal])* $name:ident,)* }) => {
        $(#[doc = $about])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
        #[non_exhaustive]
        pub enum $lie {
            $($(#[doc = $doc])* $name,)*
        }

        impl $lie {
            /// Every lie there is.
            pub const ALL: &[Self] = &[$(Self::$name,)*];
        }
    };
}

pub(crate) use lies;

/// When a lie is told; heights are counted as the node's protocol counts them.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Script<L, H = u64> {
    pub(crate) lie: L,
    pub(crate) from_height: H,
    pub(crate) method: Option<&'static str>,
    after: u64,
    times: u64,
}

impl<L: Copy, H> Script<L, H> {
    /// From now on, in every question with this method and about blocks from this height on.
    pub(crate) fn new(lie: L, from_height: H, method: Option<&'static str>) -> Self {
        Self { lie, from_height, method, after: 0, times: u64::MAX }
    }

    /// The lie that is told.
    #[must_use]
    pub fn lie(&self) -> L {
        self.lie
    }

    /// Only about blocks from this height on; lies of an envelope or of the connection know no heights.
    #[must_use]
    pub fn from_height(self, height: H) -> Self {
        Self { from_height: height, ..self }
    }

    /// Only in questions with this method.
    #[must_use]
    pub fn on(self, method: &'static str) -> Self {
        Self { method: Some(method), ..self }
    }

    /// Only after so many questions in which it could have been told.
    #[must_use]
    pub fn after(self, questions: u64) -> Self {
        Self { after: questions, ..self }
    }

    /// Only in so many questions; the truth afterwards.
    #[must_use]
    pub fn times(self, questions: u64) -> Self {
        Self { times: questions, ..self }
    }

    /// Whether it is told in the `nth` question in which it could be, from zero.
    pub(crate) fn is_due(&self, nth: u64) -> bool {
        nth >= self.after && nth - self.after < self.times
    }
}
