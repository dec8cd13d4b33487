//! The browser's database: `flywheel:APP`, version 1, with the stores `entries`, `decisions` and `meta`.
//!
//! One short transaction a batch: a transaction commits by itself as soon as anything else is awaited inside it.

use super::{Batch, meta};
use crate::error::name_of;
use js_sys::{Array, Promise, Reflect};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;
use web_sys::{IdbDatabase, IdbFactory, IdbObjectStore, IdbOpenDbRequest, IdbRequest, IdbTransaction};

const VERSION: u32 = 1;
const ENTRIES: &str = "entries";
const DECISIONS: &str = "decisions";
const META: &str = "meta";
const STORES: [&str; 3] = [ENTRIES, DECISIONS, META];

#[wasm_bindgen]
extern "C" {
    /// web-sys does not know the options of a transaction yet.
    #[wasm_bindgen(extends = IdbDatabase)]
    type WithOptions;
    #[wasm_bindgen(method, catch, js_name = transaction)]
    fn transaction_with(
        this: &WithOptions,
        stores: &Array,
        mode: &str,
        options: &JsValue,
    ) -> Result<IdbTransaction, JsValue>;
}

/// An open database.
pub struct Database {
    db: IdbDatabase,
    name: String,
}

/// Everything that was stored; records as they are, not read yet.
pub struct Loaded {
    /// The journal.
    pub entries: Array,
    /// The decisions.
    pub decisions: Array,
    meta: Vec<(&'static str, JsValue)>,
}

impl Loaded {
    /// A value of the store `meta`, `undefined` if there is none.
    pub fn meta(&self, name: &str) -> JsValue {
        self.meta.iter().find(|(other, _)| *other == name).map_or(JsValue::UNDEFINED, |(_, value)| value.clone())
    }
}

impl Database {
    /// Opens the app's database. Where there is none it is made, or, without `create`, left unmade: `None`.
    ///
    /// # Errors
    /// The name of the browser's exception; "`database_newer`" if a newer version of this software wrote it.
    pub async fn open(app: &str, create: bool) -> Result<Option<Self>, String> {
        let name = format!("flywheel:{app}");
        let factory = factory()?;
        let request = factory.open_with_u32(&name, VERSION).map_err(|error| name_of(&error))?;
        let opening = request.clone();
        let upgrade = Closure::once(move || {
            let made = if create { make(&opening) } else { Err(JsValue::NULL) };
            // What is half made is not made at all.
            if let (Err(_), Some(transaction)) = (made, opening.transaction()) {
                let _ = transaction.abort();
            }
        });
        request.set_onupgradeneeded(Some(upgrade.as_ref().unchecked_ref()));
        match settled(&request).await {
            Ok(db) => Ok(Some(Self { db: db.unchecked_into(), name })),
            Err(reason) if reason == "AbortError" && !create => Ok(None),
            Err(reason) if reason == "VersionError" => Err("database_newer".into()),
            Err(reason) => Err(reason),
        }
    }

    /// Calls back when the database is taken away: another tab deletes it, or the browser closes it.
    pub fn on_lost(&self, call: &js_sys::Function) {
        self.db.set_onversionchange(Some(call));
        self.db.set_onclose(Some(call));
    }

    /// Reads everything.
    ///
    /// # Errors
    /// The name of the browser's exception.
    pub async fn load(&self) -> Result<Loaded, String> {
        let transaction = self.transaction("readonly")?;
        let begin = || -> Result<_, JsValue> {
            let store = transaction.object_store(META)?;
            let names = [meta::CONSENT, meta::SECRET, meta::WEIGHTS, meta::ERASE, meta::SENT, meta::MODEL];
            let meta = names.map(|name| store.get(&name.into()).map(|request| (name, request)));
            let entries = transaction.object_store(ENTRIES)?.get_all()?;
            Ok((entries, transaction.object_store(DECISIONS)?.get_all()?, meta))
        };
        let (entries, decisions, meta) = begin().map_err(|error| name_of(&error))?;
        complete(&transaction).await?;
        let list = |request: IdbRequest| request.result().map_or_else(|_| Array::new(), JsCast::unchecked_into);
        Ok(Loaded {
            entries: list(entries),
            decisions: list(decisions),
            meta: meta
                .into_iter()
                .flatten()
                .filter_map(|(name, request)| Some((name, request.result().ok()?)))
                .collect(),
        })
    }

    /// Makes `secret` the device's unless it has one; gives the one that it has. Two tabs may open at once.
    ///
    /// # Errors
    /// The name of the browser's exception.
    pub async fn claim(&self, secret: &str) -> Result<String, String> {
        let transaction = self.transaction("readwrite")?;
        let add = |store: IdbObjectStore| store.add_with_key(&secret.into(), &meta::SECRET.into());
        transaction.object_store(META).and_then(add).map_err(|error| name_of(&error))?;
        // It fails, and takes back nothing, where another tab was faster.
        let _ = complete(&transaction).await;
        let kept = self.load().await?.meta(meta::SECRET);
        kept.as_string().ok_or_else(|| "no secret was kept".into())
    }

    /// Writes a batch; when this returns, it is on disk.
    ///
    /// # Errors
    /// The name of the browser's exception; then nothing of the batch was written.
    pub async fn write(&self, batch: &Batch) -> Result<(), String> {
        self.put(batch, false).await
    }

    /// Deletes everything and writes a batch, both or neither.
    ///
    /// # Errors
    /// As [`Database::write`].
    pub async fn replace(&self, batch: &Batch) -> Result<(), String> {
        self.put(batch, true).await
    }

    /// Deletes the database itself.
    pub async fn destroy(&self) {
        // Emptied first: as long as another tab has it open it cannot be deleted.
        let _ = self.replace(&Batch::default()).await;
        self.close();
        if let Ok(request) = factory().and_then(|f| f.delete_database(&self.name).map_err(|error| name_of(&error))) {
            let _ = crate::timer::within(1_000, settled(&request)).await;
        }
    }

    /// Lets go of it.
    pub fn close(&self) {
        self.db.set_onversionchange(None);
        self.db.set_onclose(None);
        self.db.close();
    }

    async fn put(&self, batch: &Batch, clear: bool) -> Result<(), String> {
        let transaction = self.transaction("readwrite")?;
        let begin = || -> Result<(), JsValue> {
            let [entries, decisions, meta] = STORES.map(|name| transaction.object_store(name));
            let (entries, decisions, meta) = (entries?, decisions?, meta?);
            if clear {
                for store in [&entries, &decisions, &meta] {
                    store.clear()?;
                }
            }
            for entry in &batch.entries {
                entries.put(entry)?;
            }
            for decision in &batch.decisions {
                decisions.put(decision)?;
            }
            for id in &batch.expired {
                decisions.delete(id)?;
            }
            for (name, value) in &batch.meta {
                if value.is_undefined() {
                    meta.delete(&(*name).into())?;
                } else {
                    meta.put_with_key(value, &(*name).into())?;
                }
            }
            Ok(())
        };
        if let Err(error) = begin() {
            let _ = transaction.abort();
            return Err(name_of(&error));
        }
        // Otherwise it commits when the page comes round to it, which a page that is being left does not.
        let _ = transaction.commit();
        complete(&transaction).await
    }

    fn transaction(&self, mode: &str) -> Result<IdbTransaction, String> {
        let stores: Array = STORES.iter().map(|name| JsValue::from_str(name)).collect();
        let options = js_sys::Object::new();
        let _ = Reflect::set(&options, &"durability".into(), &"strict".into());
        let db: &WithOptions = self.db.unchecked_ref();
        db.transaction_with(&stores, mode, &options).map_err(|error| name_of(&error))
    }
}

/// Even asking for it can throw, for example in a sandboxed frame.
fn factory() -> Result<IdbFactory, String> {
    let factory = Reflect::get(&js_sys::global(), &"indexedDB".into()).map_err(|error| name_of(&error))?;
    if factory.is_object() { Ok(factory.unchecked_into()) } else { Err("there is no IndexedDB here".into()) }
}

fn make(request: &IdbOpenDbRequest) -> Result<(), JsValue> {
    let db: IdbDatabase = request.result()?.unchecked_into();
    let by_id = web_sys::IdbObjectStoreParameters::new();
    by_id.set_key_path(&"id".into());
    db.create_object_store_with_optional_parameters(ENTRIES, &by_id)?;
    db.create_object_store_with_optional_parameters(DECISIONS, &by_id)?;
    db.create_object_store(META)?;
    Ok(())
}

async fn settled(request: &IdbRequest) -> Result<JsValue, String> {
    let promise = Promise::new(&mut |resolve, reject| {
        request.set_onsuccess(Some(&resolve));
        request.set_onerror(Some(&reject));
    });
    match JsFuture::from(promise).await {
        Ok(_) => request.result().map_err(|error| name_of(&error)),
        Err(_) => Err(request.error().ok().flatten().map_or_else(|| "unknown".into(), |error| error.name())),
    }
}

async fn complete(transaction: &IdbTransaction) -> Result<(), String> {
    let promise = Promise::new(&mut |resolve, reject| {
        transaction.set_oncomplete(Some(&resolve));
        transaction.set_onabort(Some(&reject));
    });
    match JsFuture::from(promise).await {
        Ok(_) => Ok(()),
        Err(_) => Err(transaction.error().map_or_else(|| "AbortError".into(), |error| error.name())),
    }
}
