//! Why the program stopped: an exit code and a sentence that says what, why and what to do.

use std::fmt::{self, Display};

/// A refusal or an error, on its way to stderr and to the exit code.
#[derive(Debug)]
pub(crate) struct Failure {
    exit: u8,
    message: String,
}

impl Failure {
    /// Something went wrong, or was refused: exit code 1.
    pub(crate) fn error(message: impl Display) -> Self {
        Self { exit: 1, message: message.to_string() }
    }

    /// The command line makes no sense: exit code 2.
    pub(crate) fn usage(message: impl Display) -> Self {
        Self { exit: 2, message: message.to_string() }
    }

    /// Two stores differ: exit code 3.
    pub(crate) fn out_of_sync(message: impl Display) -> Self {
        Self { exit: 3, message: message.to_string() }
    }

    /// The program's exit code.
    pub(crate) fn exit(&self) -> u8 {
        self.exit
    }

    /// The same failure with what it happened to in front.
    pub(crate) fn about(self, subject: impl Display) -> Self {
        Self { message: format!("{subject}: {}", self.message), ..self }
    }
}

impl Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

/// Every error becomes exit code 1 with the whole chain of its causes.
impl<E: Into<anyhow::Error>> From<E> for Failure {
    fn from(why: E) -> Self {
        Self::error(format!("{:#}", why.into()))
    }
}
