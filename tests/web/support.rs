//! What js/flat.ts does, for tests that call the engine without it.

use flywheel_sdk::Engine;
use flywheel_sdk::call::{OPEN, RANK, READY, RESTORE, WRITES};
use js_sys::Float64Array;
use js_sys::WebAssembly::Memory;
use serde_json::{Map, Value, json};
use wasm_bindgen::JsCast;

/// The characters of an id.
const ID: usize = 36;
/// Where places and scores begin (src/flat/room.rs).
const HEAD: usize = 6;

/// A value as a text and a shape.
#[derive(Default)]
struct Flat {
    text: String,
    shape: Vec<f64>,
}

impl Flat {
    fn string(&mut self, string: &str) {
        self.shape.push(string.encode_utf16().count() as f64);
        self.text.push_str(string);
    }

    fn value(&mut self, value: &Value) {
        match value {
            Value::Null => self.shape.push(0.0),
            Value::String(text) => {
                self.shape.push(1.0);
                self.string(text);
            }
            Value::Number(number) => self.shape.extend([2.0, number.as_f64().expect("a double")]),
            Value::Bool(flag) => self.shape.push(if *flag { 3.0 } else { 4.0 }),
            Value::Array(items) => {
                self.shape.extend([5.0, items.len() as f64]);
                items.iter().for_each(|item| self.value(item));
            }
            Value::Object(pairs) => {
                self.shape.extend([7.0, pairs.len() as f64]);
                for (name, value) in pairs {
                    self.string(name);
                    self.value(value);
                }
            }
        }
    }

    fn done(mut self) -> (String, Vec<f64>) {
        self.shape.insert(0, f64::from(u8::from(self.text.is_ascii())));
        (self.text, self.shape)
    }
}

fn flatten(value: &Value) -> (String, Vec<f64>) {
    let mut flat = Flat::default();
    flat.value(value);
    flat.done()
}

/// Calls; what the engine wrote, or the code of the error.
pub fn call(engine: &Engine, number: u32, given: Value) -> Result<Value, String> {
    let (text, shape) = flatten(&given);
    let shape = engine.call(number, &text, &shape);
    if refused(&shape) { Err(code(engine, shape)) } else { Ok(flat(engine, shape)) }
}

/// A thumb; the code of the error that the engine gave, or "none".
pub fn thumb(engine: &Engine, decision: &str, up: Option<bool>) -> String {
    let codes = decision.bytes().map(f64::from).chain(core::iter::repeat(f64::NAN));
    for (place, code) in (0..ID as u32).zip(codes) {
        room(engine).set_index(place, code);
    }
    done(engine, engine.thumb(up))
}

fn done(engine: &Engine, done: bool) -> String {
    if done { "none".into() } else { code(engine, engine.refusal()) }
}

/// Where the engine reads and answers in numbers.
fn room(engine: &Engine) -> Float64Array {
    let memory = wasm_bindgen::memory().unchecked_into::<Memory>();
    Float64Array::new_with_byte_offset_and_length(&memory.buffer(), engine.room(0) as u32, 4_096)
}

/// The code of the error that the engine gave, or "none".
pub fn code(engine: &Engine, shape: Vec<f64>) -> String {
    if !refused(&shape) {
        return "none".into();
    }
    engine.text().chars().take(shape[1] as usize).collect()
}

fn refused(shape: &[f64]) -> bool {
    shape.len() == 3 && shape[0] == 8.0
}

fn flat(engine: &Engine, shape: Vec<f64>) -> Value {
    let text = engine.text();
    let mut units = text.encode_utf16().collect::<Vec<_>>().into_iter();
    let mut numbers = shape.into_iter();
    let value = read(&mut units, &mut numbers);
    assert!(units.next().is_none() && numbers.next().is_none(), "all of it is read");
    value
}

fn read(units: &mut impl Iterator<Item = u16>, numbers: &mut impl Iterator<Item = f64>) -> Value {
    let mut next = || numbers.next().expect("a number") as usize;
    match next() {
        0 => Value::Null,
        1 => string(units, next()).into(),
        2 => {
            let number = numbers.next().expect("a number");
            if number.fract() == 0.0 { json!(number as i64) } else { json!(number) }
        }
        3 => true.into(),
        4 => false.into(),
        5 => (0..next()).map(|_| read(units, numbers)).collect(),
        7 => {
            let mut object = Map::new();
            for _ in 0..next() {
                let length = numbers.next().expect("a length") as usize;
                let name = string(units, length);
                object.insert(name, read(units, numbers));
            }
            object.into()
        }
        other => panic!("kind {other}"),
    }
}

fn string(units: &mut impl Iterator<Item = u16>, length: usize) -> String {
    String::from_utf16(&units.take(length).collect::<Vec<_>>()).expect("UTF-16")
}

/// A request about candidates that have one feature, `style`.
pub fn request_of(surface: &str, context: &[(&str, &str)], candidates: &[(&str, &str)]) -> Value {
    let context: Map<String, Value> = context.iter().map(|(name, value)| ((*name).to_owned(), json!(value))).collect();
    let candidate = |(id, style): &(&str, &str)| json!({ "id": id, "features": { "style": style } });
    let mut all = vec![json!({ "id": surface, "features": context })];
    all.extend(candidates.iter().map(candidate));
    json!([all, []])
}

/// Ranks; the id of the decision and its numbers, or the code of the error.
pub fn rank(engine: &Engine, request: Value, after: &str) -> Result<(String, Vec<f64>), String> {
    let decided = call(engine, RANK, json!([after, request[0], request[1]]))?;
    let numbers = decided[1].as_array().expect("a list").iter().map(|number| number.as_f64().expect("a number"));
    Ok((decided[0].as_str().expect("an id").to_owned(), numbers.collect()))
}

/// Opens.
pub fn open(options: &Value, control: bool) -> Result<Engine, String> {
    let engine = Engine::new();
    call(&engine, OPEN, json!([options, control])).map(|_| engine)
}

/// An engine that opens, before and after it has read its storage.
pub fn engine(options: Value) -> Engine {
    open(&options, false).unwrap_or_else(|error| panic!("{error}"))
}

/// An engine with what another one wrote.
pub fn restored(entries: Vec<Value>, decisions: Vec<Value>) -> Engine {
    let engine = engine(json!({ "app": "web", "seed": 2, "epsilon": 0 }));
    call(&engine, RESTORE, json!([entries, decisions])).expect("restores");
    ready(&engine);
    engine
}

/// The storage has been read.
pub fn ready(engine: &Engine) {
    call(engine, READY, json!([])).expect("is ready");
}

/// Entries, decisions and expired ids that are to be stored.
pub fn parts(engine: &Engine) -> [Vec<Value>; 3] {
    let written = call(engine, WRITES, json!([true])).expect("writes");
    [0, 1, 2].map(|part| written[part].as_array().expect("a list").clone())
}

/// Where the two candidates stood in what was asked, best first.
pub fn places(decision: &[f64]) -> [usize; 2] {
    [decision[HEAD] as usize, decision[HEAD + 1] as usize]
}

/// The scores in the order of what was asked.
pub fn scores(decision: &[f64]) -> [f64; 2] {
    let mut asked = [0.0; 2];
    for (place, score) in places(decision).into_iter().zip(&decision[HEAD + 2..]) {
        asked[place] = *score;
    }
    asked
}
