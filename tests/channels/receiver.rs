//! A receiver of webhooks: listens on loopback, keeps what comes, and answers as it is told.

use std::collections::VecDeque;
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::mpsc::{self, Sender};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

/// How it answers one connection.
#[derive(Clone, Debug)]
pub(crate) enum Says {
    /// With this status, and perhaps further lines of a head.
    Status(u16, String),
    /// Never, and holds the connection.
    Nothing,
    /// Hangs up with what came unread, which resets the connection.
    Reset,
    /// One byte a second.
    Drips,
    /// A head without end.
    Endless,
    /// Something that is no HTTP.
    Nonsense,
}

pub(crate) fn status(code: u16) -> Says {
    Says::Status(code, String::new())
}

/// A request that came.
#[derive(Debug)]
pub(crate) struct Heard {
    pub(crate) at: Instant,
    pub(crate) head: String,
    pub(crate) body: String,
}

pub(crate) struct Receiver {
    pub(crate) port: u16,
    heard: mpsc::Receiver<Heard>,
}

impl Receiver {
    /// Answers the first connections as the list says, and all further ones as its last.
    pub(crate) fn that(says: &[Says]) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let (tell, heard) = mpsc::channel();
        let says = Arc::new(Mutex::new(VecDeque::from(says.to_vec())));
        std::thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                let mut list = says.lock().unwrap();
                let now = if list.len() > 1 { list.pop_front() } else { list.front().cloned() };
                let (now, tell) = (now.expect("it says something"), tell.clone());
                std::thread::spawn(move || answer(stream, &now, &tell));
            }
        });
        Self { port, heard }
    }

    pub(crate) fn url(&self) -> String {
        format!("http://127.0.0.1:{}/hook", self.port)
    }

    /// The next request.
    pub(crate) fn next(&self) -> Heard {
        self.heard.recv_timeout(super::LONG).expect("a request comes")
    }

    /// How many further requests have come.
    pub(crate) fn further(&self) -> usize {
        self.heard.try_iter().count()
    }
}

fn answer(mut stream: TcpStream, says: &Says, tell: &Sender<Heard>) {
    if let Says::Reset = says {
        // Something must be there unread.
        let mut one = [0; 1];
        let _ = stream.peek(&mut one);
        return;
    }
    let Some(heard) = read(&mut stream) else { return };
    let _ = tell.send(heard);
    let hold = || std::thread::sleep(Duration::from_secs(60));
    match says {
        Says::Status(code, lines) => {
            let head = format!("HTTP/1.1 {code} Said\r\n{lines}Content-Length: 3\r\n\r\nyes");
            let _ = stream.write_all(head.as_bytes());
        }
        Says::Nothing => hold(),
        Says::Drips => {
            for byte in b"HTTP/1.1 204 Late\r\nX-Slow: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\r\n\r\n" {
                if stream.write_all(&[*byte]).is_err() {
                    return;
                }
                std::thread::sleep(Duration::from_secs(1));
            }
        }
        Says::Endless => {
            let _ = stream.write_all(b"HTTP/1.1 200 Long\r\n");
            while stream.write_all(format!("X-More: {}\r\n", "a".repeat(1_000)).as_bytes()).is_ok() {}
        }
        Says::Nonsense => {
            let _ = stream.write_all(b"SSH-2.0-nothing\r\n\r\n");
        }
        Says::Reset => {}
    }
}

/// One request with its body.
pub(crate) fn read(stream: &mut impl Read) -> Option<Heard> {
    let (mut text, mut part) = (String::new(), [0; 4096]);
    loop {
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let length =
                head.lines().find_map(|line| line.to_lowercase().strip_prefix("content-length: ")?.parse().ok());
            if body.len() >= length.unwrap_or(0) {
                return Some(Heard { at: Instant::now(), head: head.to_owned(), body: body.to_owned() });
            }
        }
        let n = stream.read(&mut part).ok().filter(|n| *n > 0)?;
        text.push_str(&String::from_utf8_lossy(&part[..n]));
    }
}
