//! What a member does with its assignment sheets: durable before the call returns.

use guildsync_sections::{
    Change, ChangeError, Config, Document, DocumentId, Label, Plain, Policy, Shelf,
};

use super::{Error, Local};
use crate::moment::Moment;
use crate::replica::Output;

impl Local {
    /// The assignment sheets.
    #[must_use]
    pub fn sheets(&self) -> &Shelf {
        self.replica.sheets()
    }

    /// Changes the policies of section sync: until then the defaults.
    pub fn set_sheet_config(&mut self, config: Config) {
        self.replica.set_sheet_config(config);
    }

    /// Publishes a document: a new one, or what has changed of the one that was first called so, of which
    /// the policy stays. Returns once it is durable.
    ///
    /// # Errors
    /// A passed limit, with nothing changed; or a failed store.
    pub fn publish_sheet(
        &mut self,
        moment: impl Into<Moment>,
        title: Label,
        policy: Policy,
        sections: Vec<(Label, Plain)>,
        out: &mut Vec<Output>,
    ) -> Result<DocumentId, Error> {
        let moment = moment.into();
        let id = DocumentId::of_title(&title);
        if let Some(held) = self.sheets().get(id) {
            let changes = held.difference(sections);
            self.change_sheet(moment, id, changes, out)?;
            return Ok(id);
        }
        let me = self.replica.me().clone();
        let author = self.sheets().author(id, &me, self.store.key(), moment.clock.stamp());
        let document = Document::publish(author, title, policy, sections)?;
        self.put_sheet(moment, document, out)?;
        Ok(id)
    }

    /// Changes a document as one edit; whether there was anything to change. Returns once it is durable.
    ///
    /// # Errors
    /// An unknown document or section, or a passed limit, with nothing changed; or a failed store.
    pub fn change_sheet(
        &mut self,
        moment: impl Into<Moment>,
        id: DocumentId,
        changes: Vec<Change>,
        out: &mut Vec<Output>,
    ) -> Result<bool, Error> {
        let moment = moment.into();
        let mut document = self.sheets().get(id).ok_or(ChangeError::NoDocument(id))?.clone();
        let me = self.replica.me().clone();
        let author = self.sheets().author(id, &me, self.store.key(), moment.clock.stamp());
        if !document.change(author, changes)? {
            return Ok(false);
        }
        self.put_sheet(moment, document, out)?;
        Ok(true)
    }

    /// Takes a document away, on this machine alone; whether there was one. Durable on return.
    ///
    /// # Errors
    /// A failed store.
    pub fn remove_sheet(
        &mut self,
        moment: impl Into<Moment>,
        id: DocumentId,
        out: &mut Vec<Output>,
    ) -> Result<bool, Error> {
        let is_gone = self.replica.remove_sheet(id, self.store.key().writer()).is_some();
        self.commit(moment.into(), out)?;
        Ok(is_gone)
    }

    fn put_sheet(
        &mut self,
        moment: Moment,
        document: Document,
        out: &mut Vec<Output>,
    ) -> Result<(), Error> {
        self.replica.put_sheet(document)?;
        Ok(self.commit(moment, out)?)
    }
}
