//! The endpoint inside somebody else's axum app.

use axum::Router;
use axum::routing::get;
use flywheel_server::{Config, Store, internal_router, router};
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};

fn ask(address: SocketAddr, method: &str, path: &str, body: &str) -> String {
    let mut stream = TcpStream::connect(address).expect("connects");
    let length = body.len();
    let head = format!("{method} {path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncontent-length: {length}\r\n\r\n");
    stream.write_all(format!("{head}{body}").as_bytes()).expect("writes");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).expect("an answer");
    answer
}

#[tokio::test(flavor = "multi_thread")]
async fn the_router_mounts_under_a_path_of_another_app() {
    let folder = tempfile::TempDir::new().expect("a folder");
    let config = Config::new(folder.path());
    let store = Store::open(&config).expect("opens");
    let app = Router::new()
        .route("/", get(|| async { "theirs" }))
        .nest("/flywheel", router(store.clone(), &config))
        .nest("/internal", internal_router(store.clone()));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("listens");
    let address = listener.local_addr().expect("an address");
    let service = app.into_make_service_with_connect_info::<SocketAddr>();
    let serving = tokio::spawn(async move { axum::serve(listener, service).await });

    let key = store.keys().public.clone();
    let talk = tokio::task::spawn_blocking(move || {
        assert!(ask(address, "GET", "/", "").ends_with("theirs"));
        let erase = format!(r#"{{"v":1,"key":"{key}","secret":"{:032x}"}}"#, 1);
        assert!(ask(address, "POST", "/flywheel/v1/erase", &erase).contains(r#"{"v":1,"signals":0}"#));
        assert!(ask(address, "GET", &format!("/flywheel/v1/head?key={key}"), "").contains("server_time"));
        assert!(ask(address, "GET", "/flywheel/nothing", "").contains(r#""code":"not_found""#));
        let figures = ask(address, "GET", "/internal/metrics", "");
        assert!(figures.contains("flywheel_requests_total{route=\"/v1/erase\",status=\"200\"} 1"), "{figures}");
        assert!(ask(address, "GET", "/nothing", "").contains("404"), "what is not ours is theirs");
    });
    talk.await.expect("talks");
    serving.abort();
    store.close();
    assert!(store.ready().is_err());
}
