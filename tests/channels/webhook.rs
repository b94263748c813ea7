//! The webhook against receivers that answer well, badly, late and never.

use super::receiver::{Receiver, Says, read, status};
use super::{DEEP_BEND, LONG, deep_bend, lumbard, run, until};
use lumbard::notify::{Buzz, Delivery, Notifier, Page, SensorBuzz, Webhook, WebhookAddress, Wording};
use std::io::Write;
use std::net::TcpListener;
use std::path::Path;
use std::process::Command;
use std::sync::{Arc, mpsc};
use std::time::{Duration, Instant};

fn to(url: &str) -> Webhook {
    Webhook::new(WebhookAddress::new(url, Wording::Plain).unwrap())
}

/// Sends a deep bend to this address, and waits until it is known how that went, however late.
fn sent_to(url: &str) -> Delivery {
    let mut notifier = Notifier::new().with_slow(to(url));
    notifier.send(&deep_bend());
    settled(&mut notifier)
}

/// The outcome of the one notice that was sent through one channel.
fn settled(notifier: &mut Notifier) -> Delivery {
    until("an outcome", || {
        let finished = notifier.finished().into_iter().flat_map(|(_, deliveries)| deliveries);
        let late = notifier.late().into_iter().map(|(_, delivery)| delivery);
        let answers: Vec<Delivery> = finished.collect();
        answers
            .into_iter()
            .filter(|delivery| delivery.detail.as_deref() != Some(lumbard::notify::NOT_YET))
            .chain(late)
            .next()
    })
}

#[test]
fn exactly_kind_rule_time_and_text_arrive() {
    let receiver = Receiver::that(&[status(204)]);
    let delivery = sent_to(&receiver.url());
    assert_eq!((delivery.channel, delivery.delivered, delivery.detail), ("webhook", true, None));
    let heard = receiver.next();
    assert_eq!(heard.body, DEEP_BEND);
    assert!(heard.head.starts_with("POST /hook HTTP/1.1\r\n"), "{}", heard.head);
    let allowed = ["host", "user-agent", "accept", "content-type", "content-length"];
    for line in heard.head.lines().skip(1) {
        let name = line.split(':').next().unwrap().to_lowercase();
        assert!(allowed.contains(&name.as_str()), "{line}");
    }
    assert!(heard.head.to_lowercase().contains("user-agent: lumbard\r\n"), "{}", heard.head);
}

#[test]
fn what_may_pass_is_tried_again_and_what_will_not_is_not() {
    let receiver = Receiver::that(&[status(500), Says::Reset, status(200)]);
    let delivery = sent_to(&receiver.url());
    assert_eq!((delivery.delivered, delivery.detail.as_deref()), (true, Some("at try 3")));
    assert!(delivery.delay >= Duration::from_millis(2_500), "{:?}", delivery.delay);
    assert_eq!((receiver.next().body.as_str(), receiver.further()), (DEEP_BEND, 1));

    for (says, words) in
        [(status(404), "answered 404; check its address"), (Says::Nonsense, "is not HTTP"), (Says::Endless, "too long")]
    {
        let receiver = Receiver::that(&[says]);
        let delivery = sent_to(&receiver.url());
        let why = delivery.detail.unwrap();
        assert!(!delivery.delivered && why.contains(words), "{why}");
        receiver.next();
        assert_eq!(receiver.further(), 0, "{why}");
    }
}

#[test]
fn a_redirect_is_followed_nowhere() {
    let elsewhere = Receiver::that(&[status(200)]);
    let receiver = Receiver::that(&[Says::Status(307, format!("Location: {}\r\n", elsewhere.url()))]);
    let delivery = sent_to(&receiver.url());
    assert!(!delivery.delivered && delivery.detail.unwrap().contains("a redirect; it is not followed"));
    receiver.next();
    assert_eq!(elsewhere.further() + receiver.further(), 0);
}

#[test]
fn nobody_there_is_tried_three_times_and_told() {
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let delivery = sent_to(&format!("http://127.0.0.1:{port}/"));
    assert_eq!(
        (delivery.delivered, delivery.detail.as_deref()),
        (false, Some("nobody listens at the receiver; tried 3 times"))
    );
}

/// The bar: one failing channel never delays another. Measured, not only ordered.
#[test]
fn a_receiver_that_hangs_or_drips_delays_no_other_channel_and_is_given_up_in_time() {
    for says in [Says::Nothing, Says::Drips] {
        let (hanging, good) = (Receiver::that(std::slice::from_ref(&says)), Receiver::that(&[status(204)]));
        let (asked, asks) = mpsc::channel();
        let (page, mut open_page) = Page::new();
        let mut notifier =
            Notifier::new().with_slow(to(&hanging.url())).with_slow(to(&good.url())).with_quick(page).with_quick(
                SensorBuzz::new(move |buzz, felt| {
                    asked.send((buzz, Instant::now())).unwrap();
                    felt(Ok(()));
                }),
            );
        // The agents read the machine's certificates once, which is no part of the way of a later notice.
        notifier.send(&deep_bend());
        good.next();
        hanging.next();
        asks.recv_timeout(LONG).unwrap();
        open_page.try_recv().unwrap();

        let sent = Instant::now();
        notifier.send(&deep_bend());
        let handed_over = sent.elapsed();
        let (buzz, felt) = asks.try_recv().expect("the buzz was asked for before the call came back");
        assert_eq!((buzz, open_page.try_recv().is_ok()), (Buzz::Strong, true));
        let heard = good.next();
        println!(
            "{says:?}: handed over in {handed_over:?}, buzz after {:?}, the good receiver after {:?}",
            felt - sent,
            heard.at - sent
        );
        assert_eq!(heard.body, DEEP_BEND);
        // The hanging one has 5 s a try; a busy machine may need a second for the good one.
        assert!(heard.at - sent < Duration::from_secs(3), "{:?}", heard.at - sent);
        assert!(handed_over < Duration::from_millis(100), "{handed_over:?}");
        let hung: Vec<Delivery> = notifier.finished().into_iter().flat_map(|(_, deliveries)| deliveries).collect();
        assert!(hung.iter().filter(|delivery| !delivery.delivered).all(|delivery| delivery.channel == "webhook"));
    }
}

#[test]
fn a_receiver_that_never_answers_is_tried_three_times_for_five_seconds() {
    let receiver = Receiver::that(&[Says::Nothing]);
    let delivery = sent_to(&receiver.url());
    assert_eq!((delivery.delivered, delivery.detail.as_deref()), (false, Some("no answer within 5 s; tried 3 times")));
    let least = Duration::from_millis(17_500);
    assert!(delivery.delay >= least && delivery.delay < least + Duration::from_secs(20), "{:?}", delivery.delay);
    receiver.next();
    assert_eq!(receiver.further(), 2);
}

#[test]
fn what_an_address_holds_that_is_secret_reaches_the_receiver_and_nobody_else() {
    let receiver = Receiver::that(&[status(403)]);
    let data = tempfile::tempdir().unwrap();
    let url = format!("http://anna:s3cret@127.0.0.1:{}/T0KEN?key=K3Y", receiver.port);
    let (code, out, err) = run(data.path(), &["channel", "add", "webhook", &url, "--yes", "--json"]);
    assert_eq!(code, 0, "{err}");
    let mut tried = lumbard(data.path(), &["channel", "test", "webhook"]);
    let tried = tried.env("LUMBARD_LOG", "trace").output().unwrap();
    assert_eq!(tried.status.code(), Some(3), "{tried:?}");
    let heard = receiver.next();
    assert!(heard.head.starts_with("POST /T0KEN?key=K3Y HTTP/1.1"), "{}", heard.head);
    // anna:s3cret
    assert!(heard.head.contains("Basic YW5uYTpzM2NyZXQ="), "{}", heard.head);
    let (_, listed, _) = run(data.path(), &["channel", "list"]);
    let told = String::from_utf8_lossy(&tried.stdout) + String::from_utf8_lossy(&tried.stderr);
    assert!(told.contains("answered 403"), "{told}");
    for secret in ["anna", "s3cret", "T0KEN", "K3Y"] {
        assert!(!format!("{out}{err}{listed}{told}").contains(secret), "{secret} is told");
    }
}

/// A certificate of its own for 127.0.0.1; `None` without openssl.
fn certificate(folder: &Path) -> Option<()> {
    let made = Command::new("openssl")
        .args(["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2"])
        .args(["-subj", "/CN=lumbard test", "-addext", "subjectAltName=IP:127.0.0.1"])
        .args(["-addext", "basicConstraints=critical,CA:FALSE", "-keyout", "key.pem", "-out", "cert.pem"])
        .current_dir(folder)
        .output();
    match made {
        Ok(made) => {
            assert!(made.status.success(), "{made:?}");
            Some(())
        }
        Err(error) => {
            eprintln!("SKIPPED: openssl is not here ({error}), so no encrypted receiver was tried");
            None
        }
    }
}

#[test]
fn an_encrypted_receiver_is_called_only_with_a_certificate_that_this_machine_trusts() {
    use rustls::pki_types::pem::PemObject;
    use rustls::pki_types::{CertificateDer, PrivateKeyDer};
    let data = tempfile::tempdir().unwrap();
    let Some(()) = certificate(data.path()) else { return };
    let cert = CertificateDer::from_pem_file(data.path().join("cert.pem")).unwrap();
    let key = PrivateKeyDer::from_pem_file(data.path().join("key.pem")).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = rustls::ServerConfig::builder_with_provider(provider).with_safe_default_protocol_versions().unwrap();
    let config = Arc::new(config.with_no_client_auth().with_single_cert(vec![cert], key).unwrap());
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let (tell, heard) = mpsc::channel();
    std::thread::spawn(move || {
        for tcp in listener.incoming().map_while(Result::ok) {
            let session = rustls::ServerConnection::new(config.clone()).unwrap();
            let mut stream = rustls::StreamOwned::new(session, tcp);
            if let Some(request) = read(&mut stream) {
                let _ = stream.write_all(b"HTTP/1.1 204 Taken\r\nContent-Length: 0\r\n\r\n");
                let _ = tell.send(request);
            }
        }
    });
    let url = format!("https://127.0.0.1:{port}/hook");
    let folder = data.path().join("data");
    let (code, _, err) = run(&folder, &["channel", "add", "webhook", &url, "--yes"]);
    assert!(code == 0 && !err.contains("not encrypted"), "{err}");
    let (code, out, _) = run(&folder, &["channel", "test", "webhook"]);
    assert!(code == 3 && out.contains("certificate is not trusted by this machine"), "{out}");
    assert!(heard.try_recv().is_err());
    let mut trusting = lumbard(&folder, &["channel", "test", "webhook"]);
    let output = trusting.env("SSL_CERT_FILE", data.path().join("cert.pem")).output().unwrap();
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    assert!(heard.recv_timeout(LONG).unwrap().body.contains("This is a try."));
}
