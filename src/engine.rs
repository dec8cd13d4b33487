//! A page as the adapters see it.

use crate::call;
use crate::clock::now;
use crate::flat::{self, Tree, Writer};
use flywheel_core::belief::{Model, encode_full};
use flywheel_core::consent::Choice;
use flywheel_core::error::{Code, Error, Result};
use flywheel_core::page::Page;
use flywheel_core::signal::Thumb;
use std::cell::RefCell;
use wasm_bindgen::prelude::*;

/// A page. No method throws: an error comes out as a value ([`Writer::error`]). None keeps the page borrowed while
/// JavaScript runs.
///
/// Values come in as a text and a shape (`flat`). They go out as a shape; its text is what [`Engine::text`] gives next.
#[wasm_bindgen]
#[derive(Default)]
pub struct Engine {
    opened: RefCell<Option<Opened>>,
    /// The text that belongs to the shape that went out last.
    text: RefCell<String>,
}

/// What there is once options were given.
pub struct Opened {
    pub page: Page,
    pub model: Model,
    pub choice: Choice,
    /// Whether the browser sends Global Privacy Control.
    pub control: bool,
}

#[wasm_bindgen]
impl Engine {
    /// An engine that is still to be opened ([`call::OPEN`]).
    #[wasm_bindgen(constructor)]
    #[allow(clippy::must_use_candidate)] // nobody else calls it
    pub fn new() -> Engine {
        Self::default()
    }

    /// The text that belongs to the shape that went out last.
    pub fn text(&self) -> String {
        self.text.take()
    }

    /// Anything that is not asked often: a number of [`call`] and a list of what is given with it.
    pub fn call(&self, call: u32, text: &str, shape: &[f64]) -> Vec<f64> {
        let mut writer = Writer::default();
        let done = Tree::read(text, shape)
            .and_then(|given| call::answer(&mut self.opened.borrow_mut(), call, &given, &mut writer));
        match done {
            Ok(()) => self.finish(writer),
            Err(error) => self.refuse(&error),
        }
    }

    /// Ranks a request that crosses as `flat::request` reads it; so does the answer.
    pub fn rank(&self, text: &str, shape: &[f64]) -> Vec<f64> {
        self.page(|page| page.rank(flat::request(text, shape)?, now()).map(|decision| flat::decision(&decision)))
    }

    /// A thumb: `undefined` takes back. Gives the signal's id as four numbers of 32 bits.
    pub fn thumb(&self, decision: &str, up: Option<bool>) -> Vec<f64> {
        let thumb = up.map(|up| if up { Thumb::Up } else { Thumb::Down });
        self.page(|page| page.thumb(flat::decision_id(decision)?, thumb, now()).map(|id| flat::words_of(&id)))
    }

    /// New weights; where they are `stored` ones that cannot be read, that is counted and no error.
    pub fn take_weights(&self, bytes: &[u8], stored: bool) -> Vec<f64> {
        self.page(|page| {
            let taken = page.take_weights(bytes);
            if stored {
                page.set_aside(u64::from(taken.is_err()));
                return Ok(Vec::new());
            }
            taken.map(|()| Vec::new())
        })
    }

    /// The weights as bytes.
    pub fn weights(&self) -> Vec<u8> {
        self.opened.borrow().as_ref().map_or_else(Vec::new, |opened| encode_full(&opened.model, opened.page.weights()))
    }
}

impl Engine {
    fn finish(&self, writer: Writer) -> Vec<f64> {
        let (text, shape) = writer.finish();
        *self.text.borrow_mut() = text;
        shape
    }

    fn refuse(&self, error: &Error) -> Vec<f64> {
        let mut writer = Writer::default();
        writer.error(error);
        self.finish(writer)
    }

    fn page(&self, call: impl FnOnce(&mut Page) -> Result<Vec<f64>>) -> Vec<f64> {
        let done = match self.opened.borrow_mut().as_mut() {
            Some(opened) => call(&mut opened.page),
            None => Err(Error::new(Code::Internal, "nothing was opened")),
        };
        done.unwrap_or_else(|error| self.refuse(&error))
    }
}
