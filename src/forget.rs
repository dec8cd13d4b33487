//! Consent that changes, and forgetting.

use crate::driver::{Driver, to_value};
use crate::error::to_js;
use crate::exchange::{address, closed};
use crate::options::consent;
use crate::random;
use crate::storage::{Batch, Storage, meta};
use crate::timer::within;
use crate::transport;
use flywheel_core::consent::Choice;
use flywheel_core::error::Code;
use flywheel_core::wire::{Erase, PROTOCOL};
use serde::de::IgnoredAny;
use std::rc::Rc;
use wasm_bindgen::prelude::*;

/// Longest that closing waits for the server, in milliseconds.
const FAREWELL_MS: u32 = 2_000;

impl Driver {
    /// The person changed their mind; what the choice leaves out stays as it was.
    pub(crate) async fn choose(self: Rc<Self>, choice: Choice) -> Result<(), JsValue> {
        self.until_ready().await;
        self.check_open()?;
        let before = self.page.borrow().consent();
        self.choice.set(choice.or(self.choice.get()));
        let consent = consent(self.choice.get());
        self.page.borrow_mut().set_consent(consent);
        if !consent.learn {
            self.wipe().await;
        } else {
            self.meta.borrow_mut().push((meta::CONSENT, to_value(&self.choice.get())));
            if !before.learn && !self.options.memory {
                self.clone().attach().await;
            }
            self.clone().flush(false).await;
        }
        Ok(())
    }

    /// Nothing may be kept: neither here nor on disk.
    async fn wipe(self: &Rc<Self>) {
        let secret = self.secret.borrow().clone();
        self.page.borrow_mut().forget(secret);
        self.meta.take();
        let reason = Storage::Memory(Some(Code::LearnRefused.as_str().into()));
        let storage = self.storage.replace(reason);
        if let Storage::Indexed(db) = storage {
            db.destroy().await;
        }
        self.tell("forgotten", &JsValue::UNDEFINED, &JsValue::UNDEFINED);
        self.after();
    }

    /// Forgets everything here, and there if the server may know anything.
    pub(crate) async fn forget(self: Rc<Self>) -> Result<(), JsValue> {
        self.until_ready().await;
        self.check_open()?;
        let fresh = random::secret().map_err(|error| to_js(&error))?;
        let known = self.sent.take() || self.page.borrow().may_have_sent();
        let old = self.secret.replace(fresh.clone());
        if known && self.options.server.is_some() {
            self.erase.borrow_mut().push(old);
        }
        self.page.borrow_mut().forget(fresh.clone());
        self.weights_changed();
        let mut meta = vec![(meta::CONSENT, to_value(&self.choice.get())), (meta::MODEL, self.model.id().into())];
        if self.options.server.is_some() {
            meta.push((meta::SECRET, fresh.into()));
        }
        meta.push(self.erase_order());
        self.meta.take();
        let storage = self.storage.borrow().clone();
        if let Storage::Indexed(db) = storage {
            let batch = Batch { meta, ..Batch::default() };
            db.replace(&batch).await.map_err(|reason| {
                let detail = format!("what is stored could not be deleted: {reason}");
                to_js(&flywheel_core::error::Error::new(Code::StorageUnavailable, detail))
            })?;
        }
        self.tell("forgotten", &JsValue::UNDEFINED, &JsValue::UNDEFINED);
        self.retry_erase().await;
        self.flush(true).await;
        Ok(())
    }

    fn erase_order(&self) -> (&'static str, JsValue) {
        let secrets = self.erase.borrow();
        (meta::ERASE, if secrets.is_empty() { JsValue::UNDEFINED } else { to_value(&*secrets) })
    }

    /// Asks the server to erase whoever it has not erased yet; what fails is tried again later.
    pub(crate) async fn retry_erase(self: &Rc<Self>) {
        let Some(server) = &self.options.server else { return };
        let secrets = self.erase.borrow().clone();
        for secret in secrets {
            let order = Erase { v: PROTOCOL, key: server.key.clone(), secret };
            let url = address(server, "/v1/erase");
            if transport::post::<IgnoredAny>(&url, &order, false).await.is_err() {
                return;
            }
            self.erase.borrow_mut().retain(|other| *other != order.secret);
            let left = self.erase_order();
            self.meta.borrow_mut().push(left);
            self.after();
        }
    }

    /// Stores what is not stored, sends what waits if it may, and lets go.
    pub(crate) async fn close(self: Rc<Self>) {
        if self.closed.get() {
            return;
        }
        self.stop();
        let _ = within(FAREWELL_MS, async {
            while self.busy.get() {
                self.idle.wait().await;
            }
            if let Some(outbound) = self.last_words() {
                let _ = self.exchange(outbound, true).await;
            }
        })
        .await;
        self.clone().flush(true).await;
        let storage = self.storage.replace(Storage::Memory(Some(Code::Closed.as_str().into())));
        if let Storage::Indexed(db) = storage {
            db.close();
        }
        self.tell("closed", &JsValue::UNDEFINED, &JsValue::UNDEFINED);
    }

    fn check_open(&self) -> Result<(), JsValue> {
        if self.closed.get() { Err(to_js(&closed())) } else { Ok(()) }
    }
}
