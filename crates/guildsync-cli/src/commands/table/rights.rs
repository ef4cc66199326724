//! Who may write what, as a line of configuration says.

use guildsync::tables::{GuildName, Record, Rights};
use guildsync::types::MemberName;

use crate::failure::Failure;

/// Who is who. Without officers and leaders everybody may write everything.
#[derive(Debug, Clone, clap::Args)]
#[command(next_help_heading = "Who may write what (nobody named: everybody may)")]
pub(crate) struct Ranks {
    /// Officers: they write all tables but setup, and pass on what others wrote; several with commas
    #[arg(
        long = "officer",
        value_name = "NAME",
        env = "GUILDSYNC_OFFICERS",
        value_delimiter = ',',
        value_parser = MemberName::new
    )]
    officers: Vec<MemberName>,
    /// A guild's leader, who writes its setup too; several with semicolons
    #[arg(
        long = "leader",
        value_name = "GUILD=NAME",
        env = "GUILDSYNC_LEADERS",
        value_delimiter = ';',
        value_parser = leader
    )]
    leaders: Vec<(GuildName, MemberName)>,
}

impl Ranks {
    /// The policy.
    pub(super) fn rights(&self) -> Rights {
        Rights {
            officers: self.officers.iter().cloned().collect(),
            leaders: self.leaders.iter().cloned().collect(),
            ..Rights::default()
        }
    }

    /// Refuses what others would not take from this member.
    pub(super) fn check(
        &self,
        member: Option<&MemberName>,
        record: &Record,
    ) -> Result<(), Failure> {
        let rights = self.rights();
        if rights.is_open() {
            return Ok(());
        }
        let Some(member) = member else {
            return Err(Failure::error(
                "who may write what is said, but not who writes: add `--as NAME`, or name the \
                 store's member once with `guildsync init --as NAME`",
            ));
        };
        match rights.may_write(member, record) {
            true => Ok(()),
            false => Err(Failure::error(format!(
                "{member} may not write {} of {} of {}: the others would refuse it; officers and \
                 leaders are named by --officer and --leader",
                record.id(),
                record.table(),
                record.guild()
            ))),
        }
    }
}

fn leader(text: &str) -> Result<(GuildName, MemberName), String> {
    let (guild, name) = text
        .rsplit_once('=')
        .ok_or_else(|| format!("{text:?} names no leader: write GUILD=NAME"))?;
    let guild = GuildName::new(guild.trim()).map_err(|why| why.to_string())?;
    Ok((guild, MemberName::new(name).map_err(|why| why.to_string())?))
}
