//! Waiting.

use js_sys::{Function, Promise};
use std::future::{Future, poll_fn};
use std::pin::pin;
use std::task::Poll;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(js_name = setTimeout)]
    fn set_timeout(call: &Function, milliseconds: u32) -> JsValue;
}

/// What the future gives, or `None` if it takes longer than this.
pub async fn within<F: Future>(milliseconds: u32, future: F) -> Option<F::Output> {
    let mut future = pin!(future);
    let sleep = Promise::new(&mut |resolve, _| {
        set_timeout(&resolve, milliseconds);
    });
    let mut sleep = pin!(JsFuture::from(sleep));
    poll_fn(|context| match future.as_mut().poll(context) {
        Poll::Ready(value) => Poll::Ready(Some(value)),
        Poll::Pending => sleep.as_mut().poll(context).map(|_| None),
    })
    .await
}

/// Something that happens once, and whoever waits for it.
#[derive(Default)]
pub struct Gate(std::cell::RefCell<Vec<Function>>);

impl Gate {
    /// Resolves at the next [`Gate::open`].
    pub async fn wait(&self) {
        let promise = Promise::new(&mut |resolve, _| self.0.borrow_mut().push(resolve));
        let _ = JsFuture::from(promise).await;
    }

    /// Lets everybody through who waits now.
    pub fn open(&self) {
        for resolve in self.0.take() {
            let _ = resolve.call0(&JsValue::UNDEFINED);
        }
    }
}
