//! What JavaScript holds.

use crate::clock::now;
use crate::convert;
use crate::driver::{Driver, to_value};
use crate::error::{invalid, to_js};
use crate::exchange::closed;
use crate::options;
use crate::storage::Storage;
use crate::timer::within;
use flywheel_core::error::Result;
use flywheel_core::id::Id;
use flywheel_core::page::Page;
use flywheel_core::signal::{Correction, Thumb};
use js_sys::{Array, Function, Promise};
use std::rc::Rc;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::future_to_promise;

/// Longest that opening waits for the storage, in milliseconds; what takes longer attaches later.
const OPENING_MS: u32 = 1_000;

/// An open page. Every method may throw a `FlywheelError`.
#[wasm_bindgen]
pub struct Handle {
    driver: Rc<Driver>,
}

#[wasm_bindgen]
impl Handle {
    /// Opens; `notify` is told, by kind, what happens in the background.
    pub async fn open(options: JsValue, notify: Function) -> std::result::Result<Handle, JsValue> {
        let (edge, page) = options::read(options).map_err(|error| to_js(&error))?;
        let driver = Driver::start(edge, page, notify);
        let _ = within(OPENING_MS, driver.until_ready()).await;
        Ok(Self { driver })
    }

    /// Ranks a request that crosses as `convert` describes; so does the answer.
    pub fn rank(&self, text: &str, shape: &[f64]) -> std::result::Result<Vec<f64>, JsValue> {
        let decision = self.page(|page| page.rank(convert::request(text, shape)?, now()))?;
        self.driver.after_decision();
        Ok(convert::decision(&decision))
    }

    /// A thumb: `undefined` takes back. Gives the signal's id, as do all that follow.
    pub fn thumb(&self, decision: &str, up: Option<bool>) -> std::result::Result<String, JsValue> {
        let thumb = up.map(|up| if up { Thumb::Up } else { Thumb::Down });
        self.say(decision, |page, decision| page.thumb(decision, thumb, now()))
    }

    /// An edit, by both texts.
    pub fn correct(&self, decision: &str, shown: String, corrected: String) -> std::result::Result<String, JsValue> {
        self.say(decision, |page, id| {
            for text in [&shown, &corrected] {
                flywheel_core::feature::check_text("a correction", text)?;
            }
            page.correct(id, Correction::of_texts(shown, corrected), now())
        })
    }

    /// An edit, by the share of words that were edited.
    pub fn edited(&self, decision: &str, share: f64) -> std::result::Result<String, JsValue> {
        let correction = Correction { share, ..Correction::default() };
        self.say(decision, |page, decision| page.correct(decision, correction, now()))
    }

    /// A preference.
    pub fn prefer(&self, decision: &str, candidate: String) -> std::result::Result<String, JsValue> {
        self.say(decision, |page, decision| page.prefer(decision, candidate, now()))
    }

    /// The app's own measure.
    pub fn reward(&self, decision: &str, value: f64, reason: Option<String>) -> std::result::Result<String, JsValue> {
        self.say(decision, |page, decision| page.reward(decision, value, reason, now()))
    }

    /// Another attempt; gives the next decision as an object.
    pub fn regenerate(&self, decision: &str) -> std::result::Result<JsValue, JsValue> {
        let (next, _) = self.page(|page| page.regenerate(convert::decision_id(decision)?, now()))?;
        self.driver.after();
        Ok(to_value(&next))
    }

    /// What was learned about the person.
    pub fn profile(&self, most: u32) -> std::result::Result<JsValue, JsValue> {
        let traits = self.page(|page| Ok(page.profile(most as usize)))?;
        Ok(to_value(&traits))
    }

    /// How things stand: the page's own status, the kind of storage and the reason for it.
    pub fn status(&self) -> std::result::Result<Array, JsValue> {
        let status = self.page(|page| Ok(page.status()))?;
        let (kind, reason) = match &*self.driver.storage.borrow() {
            Storage::Opening => ("opening", None),
            Storage::Memory(reason) => ("memory", reason.clone()),
            Storage::Indexed(_) => ("indexeddb", None),
        };
        Ok(Array::of3(&to_value(&status), &kind.into(), &reason.into()))
    }

    /// Everything that is kept about the person.
    pub fn export(&self) -> std::result::Result<JsValue, JsValue> {
        let export = self.page(|page| Ok(page.export()))?;
        Ok(to_value(&export))
    }

    /// Changes what the person allows.
    pub fn consent(&self, choice: JsValue) -> std::result::Result<Promise, JsValue> {
        let choice = serde_wasm_bindgen::from_value(choice).map_err(|error| to_js(&invalid(error)))?;
        let driver = self.driver.clone();
        Ok(future_to_promise(async move { driver.choose(choice).await.map(|()| JsValue::UNDEFINED) }))
    }

    /// Sends what waits; gives the number of signals that the server has taken.
    pub fn sync(&self) -> Promise {
        let driver = self.driver.clone();
        #[allow(clippy::cast_precision_loss)] // counts signals
        future_to_promise(async move { driver.sync().await.map(|taken| (taken as f64).into()) })
    }

    /// Forgets everything.
    pub fn forget(&self) -> Promise {
        let driver = self.driver.clone();
        future_to_promise(async move { driver.forget().await.map(|()| JsValue::UNDEFINED) })
    }

    /// Lets go of everything; every later call throws.
    pub fn close(&self) -> Promise {
        let driver = self.driver.clone();
        future_to_promise(async move {
            driver.close().await;
            Ok(JsValue::UNDEFINED)
        })
    }
}

impl Handle {
    fn page<T>(&self, call: impl FnOnce(&mut Page) -> Result<T>) -> std::result::Result<T, JsValue> {
        if self.driver.closed.get() {
            return Err(to_js(&closed()));
        }
        call(&mut self.driver.page.borrow_mut()).map_err(|error| to_js(&error))
    }

    fn say(
        &self,
        decision: &str,
        call: impl FnOnce(&mut Page, Id) -> Result<Id>,
    ) -> std::result::Result<String, JsValue> {
        let id = self.page(|page| call(page, convert::decision_id(decision)?))?;
        self.driver.after();
        Ok(id.to_string())
    }
}
