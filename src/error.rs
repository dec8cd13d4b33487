//! Errors as JavaScript sees them: an `Error` named "FlywheelError" with a `code`.

use flywheel_core::error::{Code, Error};
use wasm_bindgen::prelude::*;

/// The error as a JavaScript object.
pub fn to_js(error: &Error) -> JsValue {
    let object = js_sys::Error::new(&error.detail);
    object.set_name("FlywheelError");
    let _ = js_sys::Reflect::set(&object, &"code".into(), &error.code.as_str().into());
    object.into()
}

/// A value of the wrong shape.
#[allow(clippy::needless_pass_by_value)] // the shape of `map_err`
pub fn invalid(error: serde_wasm_bindgen::Error) -> Error {
    Error::new(Code::InvalidValue, error.to_string())
}

/// What the browser calls an exception: its `name`, such as "QuotaExceededError".
pub fn name_of(exception: &JsValue) -> String {
    js_sys::Reflect::get(exception, &"name".into())
        .ok()
        .and_then(|name| name.as_string())
        .unwrap_or_else(|| "unknown".into())
}
