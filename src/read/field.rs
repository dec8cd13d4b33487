//! Single values. Whatever is not of the expected type is `None`.

use flywheel_core::id::Id;
use js_sys::{Array, Object, Reflect, Uint8Array};
use wasm_bindgen::prelude::*;

/// An object whose fields are read.
pub struct Field<'a>(pub &'a JsValue);

impl Field<'_> {
    /// Any field; `undefined` if it is not there.
    pub fn any(&self, name: &str) -> JsValue {
        Reflect::get(self.0, &name.into()).unwrap_or_default()
    }

    /// A field that may be left out or `null`, read by `read`; `None` only if it is there and cannot be read.
    pub fn optional<T>(&self, name: &str, read: impl FnOnce(&JsValue) -> Option<T>) -> Option<Option<T>> {
        let value = self.any(name);
        if value.is_undefined() || value.is_null() { Some(None) } else { read(&value).map(Some) }
    }

    /// A text.
    pub fn text(&self, name: &str) -> Option<String> {
        self.any(name).as_string()
    }

    /// A number.
    pub fn number(&self, name: &str) -> Option<f64> {
        self.any(name).as_f64()
    }

    /// A whole number from 0.
    pub fn whole(&self, name: &str) -> Option<u64> {
        whole(&self.any(name))
    }

    /// `true` or `false`.
    pub fn flag(&self, name: &str) -> Option<bool> {
        self.any(name).as_bool()
    }

    /// An id.
    pub fn id(&self, name: &str) -> Option<Id> {
        Id::parse(&self.text(name)?).ok()
    }
}

/// A whole number from 0 that a double holds exactly.
#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // checked
pub fn whole(value: &JsValue) -> Option<u64> {
    value.as_f64().filter(|n| (0.0..=9_007_199_254_740_991.0).contains(n) && n.trunc() == *n).map(|n| n as u64)
}

/// The items of a list.
pub fn list(value: &JsValue) -> Option<Array> {
    value.dyn_ref::<Array>().cloned()
}

/// Reads each item of a list.
pub fn each<T>(value: &JsValue, mut read: impl FnMut(&JsValue) -> Option<T>) -> Option<Vec<T>> {
    let list = list(value)?;
    (0..list.length()).map(|at| read(&list.get(at))).collect()
}

/// Names and values of an object, in its order.
pub fn pairs(value: &JsValue) -> Option<Vec<(String, JsValue)>> {
    if !value.is_object() {
        return None;
    }
    let keys = Object::keys(value.unchecked_ref::<Object>());
    (0..keys.length())
        .map(|at| {
            let key = keys.get(at);
            Some((key.as_string()?, Reflect::get(value, &key).ok()?))
        })
        .collect()
}

/// The name of an enum's variant and what it holds: `"name"` or `{ name: content }`.
pub fn variant(value: &JsValue) -> Option<(String, JsValue)> {
    match value.as_string() {
        Some(name) => Some((name, JsValue::UNDEFINED)),
        None => pairs(value)?.pop(),
    }
}

/// Bytes.
pub fn bytes(value: &JsValue) -> Option<Vec<u8>> {
    value.dyn_ref::<Uint8Array>().map(Uint8Array::to_vec)
}

/// The records of a list that can be read; those that cannot are counted.
pub fn records<T>(stored: &JsValue, read: fn(&JsValue) -> Option<T>, corrupt: &mut u64) -> Vec<T> {
    let stored = list(stored).unwrap_or_default();
    let all = stored.length();
    let read: Vec<T> = (0..all).filter_map(|at| read(&stored.get(at))).collect();
    *corrupt += u64::from(all) - read.len() as u64;
    read
}
