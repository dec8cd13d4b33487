//! Errors as JavaScript sees them: an `Error` named "FlywheelError" with a `code`.

use flywheel_core::error::Error;
use wasm_bindgen::prelude::*;

/// The error as a JavaScript object.
pub fn to_js(error: &Error) -> JsValue {
    let object = js_sys::Error::new(&error.detail);
    object.set_name("FlywheelError");
    let _ = js_sys::Reflect::set(&object, &"code".into(), &error.code.as_str().into());
    object.into()
}
