//! When the page is hidden or left.

use wasm_bindgen::prelude::*;
use web_sys::{Event, EventTarget};

/// Calls back whenever the page may be about to go, until dropped.
pub struct Life {
    call: Closure<dyn FnMut(Event)>,
    targets: Vec<(EventTarget, &'static str)>,
}

impl Life {
    /// Listens; in a worker there is nothing to listen to.
    pub fn watch(leaving: impl Fn() + 'static) -> Self {
        let call: Closure<dyn FnMut(Event)> = Closure::new(move |event: Event| {
            // At `pagehide` a page that is navigated away from is still visible.
            if event.type_() == "pagehide" || document().is_some_and(|document| document.hidden()) {
                leaving();
            }
        });
        let document = document().map(|document| (document.into(), "visibilitychange"));
        let window = web_sys::window().map(|window| (window.into(), "pagehide"));
        let targets: Vec<(EventTarget, _)> = document.into_iter().chain(window).collect();
        for (target, event) in &targets {
            let _ = target.add_event_listener_with_callback(event, call.as_ref().unchecked_ref());
        }
        Self { call, targets }
    }
}

impl Drop for Life {
    fn drop(&mut self) {
        for (target, event) in &self.targets {
            let _ = target.remove_event_listener_with_callback(event, self.call.as_ref().unchecked_ref());
        }
    }
}

fn document() -> Option<web_sys::Document> {
    web_sys::window()?.document()
}
