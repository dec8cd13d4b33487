//! Connections over a real socket to the real binary: slow clients, many clients, and a stop in the middle.

use crate::process::{Server, answer, ask, key};
use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

fn folder() -> tempfile::TempDir {
    tempfile::TempDir::new().expect("a folder")
}

const HEALTH: &[u8] = b"GET /healthz HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n";

fn erase_order(folder: &tempfile::TempDir) -> String {
    format!(r#"{{"v":1,"key":"{}","secret":"{:032x}"}}"#, key(folder.path()), 7)
}

fn head_of(body: &str) -> String {
    format!("POST /v1/erase HTTP/1.1\r\nhost: x\r\ncontent-length: {}\r\nconnection: close\r\n\r\n", body.len())
}

#[test]
fn slow_and_idle_clients_lose_their_place_and_the_others_are_answered() {
    let folder = folder();
    let server = Server::start(folder.path(), &["--head-time", "400ms", "--body-time", "600ms", "--connections", "8"]);
    let order = erase_order(&folder);
    // Eight clients take all the places: they say nothing, half a head, or half a body.
    let mut slow: Vec<TcpStream> = (0..8).map(|_| server.connect()).collect();
    for (number, stream) in slow.iter_mut().enumerate() {
        match number % 3 {
            0 => {}
            1 => stream.write_all(b"POST /v1/sync HTTP/1.1\r\nhost:").expect("writes"),
            _ => stream.write_all(format!("{}{{", head_of(&order)).as_bytes()).expect("writes"),
        }
    }
    let start = Instant::now();
    let mut other = server.connect();
    other.write_all(HEALTH).expect("writes");
    assert!(answer(&mut other).starts_with("HTTP/1.1 200"));
    assert!(start.elapsed() < Duration::from_secs(10));
    for (number, stream) in slow.iter_mut().enumerate() {
        let end = answer(stream);
        let expected = if number % 3 == 2 { "HTTP/1.1 408" } else { "" };
        assert!(end.starts_with(expected) && !end.starts_with("HTTP/1.1 2"), "client {number}: {end}");
    }
}

#[test]
fn a_client_that_drips_a_head_byte_by_byte_is_cut_off_in_time() {
    let folder = folder();
    let server = Server::start(folder.path(), &["--head-time", "500ms"]);
    let mut stream = server.connect();
    stream.set_read_timeout(Some(Duration::from_millis(20))).expect("a limit");
    let start = Instant::now();
    let is_open = |stream: &mut TcpStream| {
        let mut byte = [0];
        !matches!(stream.read(&mut byte), Ok(0)) && stream.write_all(b"x").is_ok()
    };
    stream.write_all(b"GET / HTTP/1.1\r\nx-slow: ").expect("writes");
    while is_open(&mut stream) {
        assert!(start.elapsed() < Duration::from_secs(5), "still open");
        std::thread::sleep(Duration::from_millis(20));
    }
    assert!(start.elapsed() >= Duration::from_millis(300));
}

#[test]
fn a_stop_answers_what_is_under_way_and_takes_nothing_new() {
    let folder = folder();
    let server = Server::start(folder.path(), &[]);
    let order = erase_order(&folder);
    let mut under_way = server.connect();
    let (first, rest) = order.split_at(10);
    under_way.write_all(format!("{}{first}", head_of(&order)).as_bytes()).expect("writes");
    // The head must have been read: only then is the request under way.
    std::thread::sleep(Duration::from_millis(200));
    server.terminate();
    std::thread::sleep(Duration::from_millis(200));
    assert!(TcpStream::connect(&server.address).is_err(), "a server that stops takes no new connections");
    assert!(ask(&server.internal, "GET", "/readyz", "").contains("503"), "and says so to who watches it");
    assert!(ask(&server.internal, "GET", "/healthz", "").contains("200 OK"));
    under_way.write_all(rest.as_bytes()).expect("writes");
    assert!(answer(&mut under_way).starts_with("HTTP/1.1 200"));
    let mut server = server;
    assert!(server.process.wait().expect("ends").success());
}
