//! Decoding in another process, from the bytes and the base alone.
//!
//! The program starts itself again with [`SUBCOMMAND`] and talks to it over its pipes: four bytes of
//! length, then a request or a reply in postcard. Nothing that the encoder knew can leak into what
//! comes back.

use std::io::{BufReader, BufWriter, Read, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use anyhow::Context as _;
use serde::{Deserialize, Serialize, de::DeserializeOwned};

use crate::codec::{self, Codec};
use crate::corpus::tables::Typed;
use crate::rivals::Rival;
use crate::row::OwnedRow;
use crate::tree::Tree;

/// The hidden subcommand that makes the program a worker.
pub const SUBCOMMAND: &str = "decode-worker";

/// What the worker is asked.
#[derive(Debug, Serialize, Deserialize)]
pub enum Request {
    /// To decode a batch of rows.
    Rows {
        /// How it was written.
        codec: Codec,
        /// It.
        bytes: Vec<u8>,
        /// The profile of the base.
        profile: String,
        /// The rows that both sides hold; empty where the codec needs none.
        base: Vec<OwnedRow>,
    },
    /// To decode a batch of records.
    Records {
        /// It.
        bytes: Vec<u8>,
    },
    /// To decode a rival's batch of whole tables.
    Tables {
        /// How it was written.
        rival: Rival,
        /// It.
        bytes: Vec<u8>,
    },
}

/// What came out.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Reply {
    /// Rows and their profile.
    Rows(String, Vec<OwnedRow>),
    /// Records.
    Records(Vec<Tree>),
    /// Whole tables as JSON.
    Tables(String),
    /// Why nothing did.
    Failed(String),
}

/// A running worker.
#[derive(Debug)]
pub struct Worker {
    child: Child,
    // Taken out when the worker is let go: the end of its input is its order to stop.
    requests: Option<BufWriter<ChildStdin>>,
    replies: BufReader<ChildStdout>,
}

impl Worker {
    /// Starts `program` as a worker.
    ///
    /// # Errors
    /// If it does not start.
    pub fn start(program: &Path) -> anyhow::Result<Self> {
        let mut command = Command::new(program);
        command.arg(SUBCOMMAND).stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = command.spawn().context("the decoding process did not start")?;
        let requests = child.stdin.take().context("a pipe to the decoding process")?;
        let replies = child.stdout.take().context("a pipe from the decoding process")?;
        let (requests, replies) = (Some(BufWriter::new(requests)), BufReader::new(replies));
        Ok(Self { child, requests, replies })
    }

    /// Sends a request and waits for the reply.
    ///
    /// # Errors
    /// If the worker ended instead: a panic there is on its standard error.
    pub fn ask(&mut self, request: &Request) -> anyhow::Result<Reply> {
        let requests = self.requests.as_mut().context("the worker was let go")?;
        write(requests, request).context("the decoding process takes no more")?;
        let reply = read(&mut self.replies)?;
        match reply.context("the decoding process ended before it replied")? {
            Reply::Failed(why) => anyhow::bail!("the decoding process could not: {why}"),
            reply => Ok(reply),
        }
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        drop(self.requests.take());
        _ = self.child.wait();
    }
}

/// Answers requests until the input ends.
///
/// # Errors
/// Pipes that break.
pub fn serve(input: impl Read, output: impl Write) -> anyhow::Result<()> {
    let (mut input, mut output) = (BufReader::new(input), BufWriter::new(output));
    while let Some(request) = read::<Request>(&mut input)? {
        let reply = answer(request).unwrap_or_else(|error| Reply::Failed(format!("{error:#}")));
        write(&mut output, &reply)?;
    }
    Ok(())
}

fn answer(request: Request) -> anyhow::Result<Reply> {
    Ok(match request {
        Request::Rows { codec, bytes, profile, base } => {
            let (profile, rows) = codec.decode(&bytes, &profile, &base)?;
            Reply::Rows(profile, rows)
        }
        Request::Records { bytes } => {
            Reply::Records(codec::decode_records(&bytes)?.iter().map(Tree::of).collect())
        }
        Request::Tables { rival, bytes } => {
            Reply::Tables(serde_json::to_string(&rival.read::<Typed>(&bytes)?)?)
        }
    })
}

fn write(output: &mut impl Write, message: &impl Serialize) -> anyhow::Result<()> {
    let bytes = postcard::to_stdvec(message)?;
    output.write_all(&u32::try_from(bytes.len())?.to_le_bytes())?;
    output.write_all(&bytes)?;
    Ok(output.flush()?)
}

/// The next message, or `None` at a clean end.
fn read<T: DeserializeOwned>(input: &mut impl Read) -> anyhow::Result<Option<T>> {
    let mut len = [0; 4];
    match input.read_exact(&mut len) {
        Err(error) if error.kind() == std::io::ErrorKind::UnexpectedEof => return Ok(None),
        done => done?,
    }
    let mut bytes = vec![0; u32::from_le_bytes(len) as usize];
    input.read_exact(&mut bytes)?;
    Ok(Some(postcard::from_bytes(&bytes)?))
}
