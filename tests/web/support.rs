//! What js/flat.ts does, for tests that call the engine without it.

use flywheel_sdk::Engine;
use flywheel_sdk::call::{OPEN, READY, RESTORE, WRITES};
use js_sys::Float64Array;
use js_sys::WebAssembly::Memory;
use serde_json::{Map, Value, json};
use wasm_bindgen::JsCast;

/// The characters of an id, and where places and scores begin (src/flat/request.rs).
const ID: usize = 36;
const HEAD: usize = ID + 6;

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

/// Ranks what `encode_request` made; the code of the error that the engine gave, or "none".
pub fn rank(engine: &Engine, text: &str, shape: &[f64]) -> String {
    done(engine, engine.rank(text, shape))
}

fn done(engine: &Engine, done: bool) -> String {
    if done { "none".into() } else { code(engine, engine.refusal()) }
}

/// Where the engine reads and answers in numbers.
fn room(engine: &Engine) -> Float64Array {
    let memory = wasm_bindgen::memory().unchecked_into::<Memory>();
    Float64Array::new_with_byte_offset_and_length(&memory.buffer(), engine.room(0) as u32, 4_096)
}

/// The answer about two candidates.
pub fn answer(engine: &Engine) -> Vec<f64> {
    let mut numbers = Vec::with_capacity(HEAD + 4);
    // Looked at after that: room for it may have grown the memory, which takes the buffer away.
    let room = room(engine);
    numbers.extend((0..HEAD as u32 + 4).map(|place| room.get_index(place)));
    numbers
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
pub fn encode_request(
    surface: &str,
    after: &str,
    context: &[(&str, &str)],
    candidates: &[(&str, &str)],
) -> (String, Vec<f64>) {
    let mut flat = Flat::default();
    flat.string(surface);
    flat.string(after);
    let object = |flat: &mut Flat, pairs: &[(&str, &str)]| {
        flat.shape.push(pairs.len() as f64);
        for (name, value) in pairs {
            flat.string(name);
            flat.value(&json!(value));
        }
    };
    object(&mut flat, context);
    flat.shape.push(candidates.len() as f64);
    for (id, style) in candidates {
        flat.string(id);
        flat.shape.push(0.0);
        object(&mut flat, &[("style", style)]);
    }
    flat.done()
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

/// The id of a decision.
pub fn id(decision: &[f64]) -> String {
    decision[..ID].iter().map(|code| char::from(*code as u8)).collect()
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
