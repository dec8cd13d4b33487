//! Spans go to a collector, here one that only listens.

use crate::process::{Server, ask, key};
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::mpsc;
use std::time::Duration;

/// Reads one request, answers that all is well, and gives its head and body.
fn take(stream: &mut TcpStream) -> Option<(String, Vec<u8>)> {
    stream.set_read_timeout(Some(Duration::from_secs(20))).ok()?;
    let (mut all, mut part) = (Vec::new(), [0; 4096]);
    loop {
        let read = stream.read(&mut part).ok().filter(|read| *read > 0)?;
        all.extend_from_slice(&part[..read]);
        let Some(end) = all.windows(4).position(|four| four == b"\r\n\r\n") else { continue };
        let head = String::from_utf8_lossy(&all[..end]).to_lowercase();
        let length =
            head.lines().find_map(|line| line.strip_prefix("content-length:")?.trim().parse::<usize>().ok())?;
        if all.len() >= end + 4 + length {
            stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\nconnection: close\r\n\r\n").ok()?;
            return Some((head, all.split_off(end + 4)));
        }
    }
}

#[test]
fn each_request_is_a_span_at_the_collector_and_no_key_is_in_it() {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let collector = format!("http://{}", listener.local_addr().expect("an address"));
    let (sender, receiver) = mpsc::channel();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let Some(came) = stream.ok().as_mut().and_then(take) else { continue };
            if sender.send(came).is_err() {
                return;
            }
        }
    });
    let folder = tempfile::TempDir::new().expect("a folder");
    let server = Server::start_with(folder.path(), &[], &[("OTEL_EXPORTER_OTLP_ENDPOINT", &collector)]);
    let public = key(folder.path());
    let answer = ask(&server.address, "GET", &format!("/v1/head?key={public}&version=0"), "");
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    // What waits is sent at the end.
    server.stop();
    let (head, body) = receiver.recv_timeout(Duration::from_secs(20)).expect("the collector hears of it");
    assert!(head.starts_with("post /v1/traces "), "{head}");
    let says = |text: &str| body.windows(text.len()).any(|part| part == text.as_bytes());
    assert!(says("flywheel") && says("/v1/head"), "{}", String::from_utf8_lossy(&body));
    assert!(!says(&public), "the key is in the span");
}
