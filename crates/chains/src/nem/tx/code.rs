//! The numbers that bodies choose by.

macro_rules! codes {
    ($(#[$doc:meta])* $name:ident { $($(#[$each:meta])* $variant:ident = $code:literal,)* }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
        #[repr(u32)]
        pub enum $name { $($(#[$each])* $variant = $code,)* }

        impl $name {
            /// As it is written.
            #[must_use]
            pub const fn code(self) -> u32 {
                self as u32
            }

            /// What a number stands for.
            #[must_use]
            pub const fn of_code(code: u32) -> Option<Self> {
                match code {
                    $($code => Some(Self::$variant),)*
                    _ => None,
                }
            }
        }
    };
}

codes! {
    /// How a message is written.
    MessageKind {
        /// For all to read; usually UTF-8.
        Plain = 1,
        /// Only sender and recipient can read it.
        Encrypted = 2,
    }
}

codes! {
    /// Whether a remote account is to harvest.
    LinkMode {
        /// From now on it harvests for the signer.
        Link = 1,
        /// No longer.
        Unlink = 2,
    }
}

codes! {
    /// What happens to a cosignatory.
    ChangeKind {
        /// It may sign from now on.
        Add = 1,
        /// No longer.
        Delete = 2,
    }
}

codes! {
    /// How a levy is counted.
    LevyKind {
        /// The same for each transfer.
        Absolute = 1,
        /// In ten-thousandths of what is transferred.
        Percentile = 2,
    }
}

codes! {
    /// Which way a supply changes.
    SupplyDirection {
        /// More of it.
        Increase = 1,
        /// Less of it.
        Decrease = 2,
    }
}
