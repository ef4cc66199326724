//! Who may do what with a sheet, as people say it.

use std::collections::BTreeSet;

use guildsync::sections::{NAMED_MAX, Policy, Who};
use guildsync::types::MemberName;
use serde::Serialize;

/// What a person says about who may do what.
#[derive(Debug, Clone, clap::Args)]
#[command(next_help_heading = "Who may: leader, assistants (and the leader), everyone, or names")]
pub(super) struct Rights {
    /// Who may publish it anew, retitle it, move sections and change this
    #[arg(long, value_name = "WHO", value_parser = who)]
    publish: Option<Who>,
    /// Who may edit its sections
    #[arg(long, value_name = "WHO", value_parser = who)]
    edit: Option<Who>,
    /// Who may turn everyone's screen to a section
    #[arg(long, value_name = "WHO", value_parser = who)]
    point: Option<Who>,
}

impl Rights {
    /// Whether anything is said.
    pub(super) fn is_said(&self) -> bool {
        self.publish.is_some() || self.edit.is_some() || self.point.is_some()
    }

    /// A policy with what is said in the place of what it had.
    pub(super) fn over(&self, policy: &Policy) -> Policy {
        let over = |given: &Option<Who>, who: &Who| given.as_ref().unwrap_or(who).clone();
        Policy {
            publish: over(&self.publish, &policy.publish),
            edit: over(&self.edit, &policy.edit),
            point: over(&self.point, &policy.point),
        }
    }
}

/// A policy in JSON, each as the option takes it.
#[derive(Debug, Serialize)]
pub(super) struct Shown {
    publish: String,
    edit: String,
    point: String,
}

impl Shown {
    pub(super) fn of(policy: &Policy) -> Self {
        let Policy { publish, edit, point } = policy;
        Self { publish: text(publish), edit: text(edit), point: text(point) }
    }
}

/// A policy in a sentence.
pub(super) fn sentence(policy: &Policy) -> String {
    let Policy { publish, edit, point } = policy;
    if publish == edit && edit == point {
        return format!("{edit} may publish, edit and point");
    }
    format!("{publish} may publish, {edit} may edit, {point} may point")
}

fn text(who: &Who) -> String {
    match who {
        Who::Leader => "leader".to_owned(),
        Who::Assistants => "assistants".to_owned(),
        Who::Everyone => "everyone".to_owned(),
        Who::Members(names) => names.iter().map(MemberName::as_str).collect::<Vec<_>>().join(","),
    }
}

/// Reads `leader`, `assistants`, `everyone`, or names with commas between them.
fn who(text: &str) -> Result<Who, String> {
    match text.trim().to_lowercase().as_str() {
        "leader" => return Ok(Who::Leader),
        "assistants" => return Ok(Who::Assistants),
        "everyone" => return Ok(Who::Everyone),
        _ => {}
    }
    let names: BTreeSet<MemberName> = text
        .split(',')
        .map(|name| MemberName::new(name.trim()))
        .collect::<Result<_, _>>()
        .map_err(|why| format!("{why}; write leader, assistants, everyone, or names: A,B"))?;
    match names.len() {
        n if n > NAMED_MAX => {
            Err(format!("{n} members are named, {NAMED_MAX} is the most: write everyone"))
        }
        _ => Ok(Who::Members(names)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_reads_back() {
        for said in ["leader", "assistants", "everyone", "Brindle,Mossback-Amberfell"] {
            assert_eq!(text(&who(said).unwrap()), said);
        }
        let many: Vec<String> = (0..41).map(|n| format!("M{}", "a".repeat(n + 1))).collect();
        for said in ["", "Oak,,Ash", &many.join(",")] {
            assert!(who(said).is_err(), "{said}");
        }
    }
}
