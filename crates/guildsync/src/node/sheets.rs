//! What a node does with its assignment sheets when it is asked to.

use std::collections::BTreeSet;

use guildsync_sections::message::What;
use guildsync_sections::{Change, Config, DocumentId, Label, Plain, Policy, SectionId};
use guildsync_types::MemberName;

use super::Node;
use crate::local::Error;
use crate::replica::Input;

impl Node {
    /// Publishes a document, as this node's member: a new one, or what has changed of the one that was first
    /// called so. Returns once it is durable and on its way to the raid.
    ///
    /// # Errors
    /// A passed limit, with nothing changed; a failed store; a stopped node.
    pub async fn publish_sheet(
        &self,
        title: Label,
        policy: Policy,
        sections: Vec<(Label, Plain)>,
    ) -> Result<DocumentId, Error> {
        self.act(move |local, moment, out| {
            local.publish_sheet(moment, title, policy, sections, out)
        })
        .await
    }

    /// Changes a document, as this node's member and as one edit; whether there was anything to change.
    /// Returns once it is durable and on its way to the raid.
    ///
    /// # Errors
    /// An unknown document or section, or a passed limit, with nothing changed; a failed store; a stopped
    /// node.
    pub async fn change_sheet(
        &self,
        document: DocumentId,
        changes: Vec<Change>,
    ) -> Result<bool, Error> {
        self.act(move |local, moment, out| local.change_sheet(moment, document, changes, out)).await
    }

    /// Turns everyone's screen to a section.
    ///
    /// # Errors
    /// A failed store; a stopped node. What is in the way is logged.
    pub async fn point(&self, document: DocumentId, section: SectionId) -> Result<(), Error> {
        self.step(Input::Point { document, section }).await
    }

    /// Asks the raid for a document, or a part of it.
    ///
    /// # Errors
    /// A failed store; a stopped node.
    pub async fn fetch_sheet(&self, document: DocumentId, what: What) -> Result<(), Error> {
        self.step(Input::SheetFetch { document, what }).await
    }

    /// Says who assists the leader of the raid.
    ///
    /// # Errors
    /// A failed store; a stopped node.
    pub async fn set_assistants(&self, assistants: BTreeSet<MemberName>) -> Result<(), Error> {
        self.step(Input::Assistants(assistants)).await
    }

    /// Changes the policies of section sync.
    ///
    /// # Errors
    /// A stopped node.
    pub async fn set_sheet_config(&self, config: Config) -> Result<(), Error> {
        self.act(move |local, _, _| {
            local.set_sheet_config(config);
            Ok(())
        })
        .await
    }
}
