//! A page as the adapters see it.

use crate::call;
use crate::clock::now;
use crate::flat::{self, Tree, Writer};
use crate::lexicon::Lexicon;
use flywheel_core::belief::Model;
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
    /// What has crossed before.
    lexicon: RefCell<Lexicon>,
    /// Numbers that cross without being copied: JavaScript writes and reads them where they are.
    room: RefCell<Vec<f64>>,
    /// The error that a call gave which could only say no.
    refusal: RefCell<Vec<f64>>,
}

/// Numbers of the largest answer: a decision about a thousand candidates.
const ROOM: usize = 4_096;

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

    /// Room for so many numbers; gives its address. What was there stays.
    pub fn room(&self, numbers: usize) -> *const f64 {
        let mut room = self.room.borrow_mut();
        if room.len() < numbers.max(ROOM) {
            room.resize(numbers.max(ROOM), 0.0);
        }
        room.as_ptr()
    }

    /// The number under which a term crosses from now on; `undefined` for what must cross as a string.
    pub fn term(&self, kind: u8, name: &str, category: &str) -> Option<u32> {
        self.lexicon.borrow_mut().add(kind, name, category)
    }

    /// Forgets all terms.
    pub fn clear_terms(&self) {
        self.lexicon.borrow_mut().clear();
    }

    /// Ranks a request of so many numbers in the room, which the lexicon reads; the decision takes its place, its id
    /// first. `false` for an error, which [`Engine::refusal`] gives; so for the next.
    pub fn rank_known(&self, used: usize) -> bool {
        self.answer(&|page, room| {
            let asked = self.lexicon.borrow_mut().request(page, room.get(..used).unwrap_or_default())?;
            let age = page.age();
            let decided = page.rank_known(&asked.surface, asked.context, &asked.candidates, now())?;
            let known = if age == page.age() { &*asked.candidates } else { &[] };
            flat::put_id(room, &decided.id);
            let mut rest = room.iter_mut().skip(flat::ID);
            flat::put_decision(&decided, known, page.age(), page.is_held_out(), &mut |number| {
                if let Some(place) = rest.next() {
                    *place = number;
                }
            });
            Ok(())
        })
    }

    /// A thumb about the decision whose id stands in the room: `undefined` takes back. The signal's id takes its place.
    pub fn thumb(&self, up: Option<bool>) -> bool {
        let thumb = up.map(|up| if up { Thumb::Up } else { Thumb::Down });
        self.answer(&|page, room| {
            let said = page.thumb(flat::take_id(room)?, thumb, now())?;
            flat::put_id(room, &said);
            Ok(())
        })
    }

    /// The error of the last call that said no.
    pub fn refusal(&self) -> Vec<f64> {
        self.refusal.take()
    }

    /// New weights, whole or a step: nothing comes back if they were taken. Of `stored` ones only newer ones are; those
    /// that cannot be read are counted and no error.
    pub fn take_weights(&self, bytes: &[u8], stored: bool) -> Vec<f64> {
        self.page(|page| {
            if !stored {
                return page.take_weights(bytes).map(|()| Vec::new());
            }
            let taken = page.restore_weights(bytes);
            page.set_aside(u64::from(taken.is_err()));
            Ok(if taken == Ok(true) { Vec::new() } else { vec![0.0] })
        })
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
        self.call_page(call).unwrap_or_else(|error| self.refuse(&error))
    }

    /// A call that reads from the room and answers there.
    fn answer(&self, call: &dyn Fn(&mut Page, &mut [f64]) -> Result<()>) -> bool {
        self.room(0);
        let mut room = self.room.borrow_mut();
        match self.call_page(|page| call(page, &mut room)) {
            Ok(()) => true,
            Err(error) => {
                *self.refusal.borrow_mut() = self.refuse(&error);
                false
            }
        }
    }

    fn call_page<T>(&self, call: impl FnOnce(&mut Page) -> Result<T>) -> Result<T> {
        match self.opened.borrow_mut().as_mut() {
            Some(opened) => call(&mut opened.page),
            None => Err(Error::new(Code::Internal, "nothing was opened")),
        }
    }
}
