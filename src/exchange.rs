//! Talking to the server.

use crate::clock::now;
use crate::driver::Driver;
use crate::error::to_js;
use crate::options::Server;
use crate::transport::{self, Refusal};
use flywheel_core::consent::Share;
use flywheel_core::error::{Code, Error, Result};
use flywheel_core::page::Outbound;
use flywheel_core::wire::{Outcome, Reply, WeightsHead};
use flywheel_core::{base64, sync::Failure};
use std::rc::Rc;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::spawn_local;

impl Driver {
    /// Sends what is due, if anything is.
    pub(crate) fn send_if_due(self: Rc<Self>) {
        let outbound = if self.busy.get() { None } else { self.page.borrow_mut().begin(now(), false) };
        match outbound {
            Some(outbound) => spawn_local(async move { self.send_in_background(outbound, false).await }),
            None => self.look_ahead(),
        }
    }

    /// The page may be about to go: stores everything and sends one last time.
    pub(crate) fn leaving(self: &Rc<Self>) {
        let driver = self.clone();
        spawn_local(async move { driver.flush(true).await });
        if let Some(outbound) = self.last_words() {
            let driver = self.clone();
            spawn_local(async move { driver.send_in_background(outbound, true).await });
        }
    }

    /// What still waits to be sent, if it may go by itself.
    pub(crate) fn last_words(&self) -> Option<Outbound> {
        let mut page = self.page.borrow_mut();
        if !self.options.automatic || self.busy.get() || page.status().queued == 0 {
            return None;
        }
        page.begin(now(), true)
    }

    pub(crate) async fn send_in_background(self: Rc<Self>, outbound: Outbound, keepalive: bool) {
        if let Err(error) = self.exchange(outbound, keepalive).await {
            self.tell("error", &to_js(&error), &JsValue::UNDEFINED);
        }
    }

    /// Sends until nothing waits; gives the number of signals that the server has taken.
    ///
    /// # Errors
    /// [`Code::NoEndpoint`], [`Code::ShareRefused`], [`Code::Offline`], or what the server says.
    pub(crate) async fn sync(self: Rc<Self>) -> std::result::Result<usize, JsValue> {
        self.until_ready().await;
        self.may_send().map_err(|error| to_js(&error))?;
        self.retry_erase().await;
        let mut taken = 0;
        loop {
            while self.busy.get() {
                self.idle.wait().await;
            }
            self.may_send().map_err(|error| to_js(&error))?;
            let waiting = self.page.borrow().status().queued;
            let Some(outbound) = self.page.borrow_mut().begin(now(), true) else { break };
            taken += self.exchange(outbound, false).await.map_err(|error| to_js(&error))?;
            let left = self.page.borrow().status().queued;
            // What the server wants later is not pressed upon it.
            if left == 0 || left >= waiting {
                break;
            }
        }
        Ok(taken)
    }

    fn may_send(&self) -> Result<()> {
        if self.closed.get() {
            return Err(closed());
        }
        if self.options.server.is_none() {
            return Err(Error::new(Code::NoEndpoint, "no `endpoint` was given to open with"));
        }
        let consent = self.page.borrow().consent();
        if consent.share != Share::Granted || !consent.learn {
            return Err(Error::new(Code::ShareRefused, "the person has not allowed signals to be sent"));
        }
        Ok(())
    }

    /// One request and what follows from its answer.
    pub(crate) async fn exchange(self: &Rc<Self>, outbound: Outbound, keepalive: bool) -> Result<usize> {
        let Some(server) = &self.options.server else { return Ok(0) };
        self.busy.set(true);
        if !outbound.batch.signals.is_empty() && !self.sent.replace(true) {
            self.meta.borrow_mut().push((crate::storage::meta::SENT, true.into()));
        }
        let url = address(server, "/v1/sync");
        let answer = transport::post::<Reply>(&url, &outbound.batch, keepalive).await;
        let result = match answer {
            Ok(reply) => {
                self.page.borrow_mut().answered(outbound.request, &reply, now());
                if let Some(head) = &reply.weights {
                    self.take_weights(server, head).await;
                }
                Ok(reply.results.iter().filter(|v| matches!(v.outcome, Outcome::Ok | Outcome::Duplicate)).count())
            }
            Err(refusal) => {
                self.page.borrow_mut().failed(outbound.request, refusal.failure, &refusal.code, now());
                Err(error_of(refusal))
            }
        };
        self.busy.set(false);
        self.idle.open();
        self.after();
        result
    }

    /// Weights that cannot be had or read change nothing; they are offered again with the next answer.
    async fn take_weights(&self, server: &Server, head: &WeightsHead) {
        let bytes = match (&head.delta, &head.url) {
            (Some(delta), _) => base64::decode(delta),
            (None, Some(url)) => transport::bytes(&address(server, url)).await.ok(),
            (None, None) => None,
        };
        let Some(bytes) = bytes else { return };
        let taken = self.page.borrow_mut().take_weights(&bytes);
        match taken {
            Ok(()) => self.weights_changed(),
            Err(error) => self.tell("error", &to_js(&error), &JsValue::UNDEFINED),
        }
    }

    /// Everybody's weights, for a page that may not say who asks.
    pub(crate) async fn fetch_head(self: &Rc<Self>) {
        let Some(server) = &self.options.server else { return };
        let (consent, version) = {
            let page = self.page.borrow();
            (page.consent(), page.status().version)
        };
        if !consent.learn || consent.share == Share::Granted || !self.options.automatic {
            return;
        }
        let key = transport::escaped(&server.key);
        let url = address(server, &format!("/v1/head?key={key}&version={version}"));
        if let Ok(Reply { weights: Some(head), .. }) = transport::get(&url).await
            && !self.closed.get()
        {
            self.take_weights(server, &head).await;
            self.after();
        }
    }
}

/// The address of something at the endpoint; what is relative is relative to it.
pub fn address(server: &Server, path: &str) -> String {
    let mut url = server.endpoint.clone();
    if !path.starts_with('/') {
        url.push('/');
    }
    url.push_str(path);
    url
}

/// What is said after [`Driver::stop`].
pub fn closed() -> Error {
    Error::new(Code::Closed, "this instance was closed")
}

fn error_of(refusal: Refusal) -> Error {
    let known = Code::ALL.iter().find(|code| code.as_str() == refusal.code).copied();
    let code = known.unwrap_or(match refusal.failure {
        Failure::Network => Code::Offline,
        Failure::Status { .. } => Code::Unavailable,
    });
    Error::new(code, refusal.detail)
}
