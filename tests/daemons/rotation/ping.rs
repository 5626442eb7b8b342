//! A ping every 0.1 s through the tunnel, with the gaps counted.

use std::net::UdpSocket;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use super::INTERVAL;

/// Sends a probe every 0.1 s, and records which were answered.
pub struct Ping {
    stop: Arc<AtomicBool>,
    answered: Arc<Mutex<Vec<bool>>>,
    threads: Vec<JoinHandle<()>>,
}

impl Ping {
    pub fn start(own: UdpSocket, far: UdpSocket) -> Self {
        let (stop, answered) = (Arc::new(AtomicBool::new(false)), Arc::new(Mutex::new(Vec::new())));
        let target = far.local_addr().unwrap();
        far.set_read_timeout(Some(INTERVAL)).unwrap();
        let ended = Arc::clone(&stop);
        let echo = std::thread::spawn(move || {
            let mut buffer = [0; 64];
            while !ended.load(Ordering::Relaxed) {
                if let Ok((length, from)) = far.recv_from(&mut buffer) {
                    let _ = far.send_to(&buffer[..length], from);
                }
            }
        });
        let (ended, marks) = (Arc::clone(&stop), Arc::clone(&answered));
        let probe = std::thread::spawn(move || {
            let mut next = Instant::now();
            for number in 0_u32.. {
                if ended.load(Ordering::Relaxed) {
                    return;
                }
                marks.lock().unwrap().push(false);
                // Without a tunnel there is no route.
                let _ = own.send_to(&number.to_be_bytes(), target);
                next += INTERVAL;
                while let Some(left) = next.checked_duration_since(Instant::now()).filter(|left| !left.is_zero()) {
                    own.set_read_timeout(Some(left)).unwrap();
                    let mut buffer = [0; 4];
                    if own.recv_from(&mut buffer).is_ok() {
                        marks.lock().unwrap()[u32::from_be_bytes(buffer) as usize] = true;
                    }
                }
            }
        });
        Self { stop, answered, threads: vec![echo, probe] }
    }

    pub fn sent(&self) -> usize {
        self.answered.lock().unwrap().len()
    }

    /// Waits for `count` more answers; `false` if they come more than 5 s late.
    pub fn gets_answers(&self, count: usize) -> bool {
        let answers = |ping: &Self| ping.answered.lock().unwrap().iter().filter(|answered| **answered).count();
        let (before, until) = (answers(self), Instant::now() + Duration::from_secs(5) + INTERVAL * count as u32);
        while answers(self) < before + count && Instant::now() < until {
            std::thread::sleep(INTERVAL / 4);
        }
        answers(self) >= before + count
    }

    /// The longest row of lost probes since this one. The last probe is left out: it may still be answered.
    pub fn lost_since(&self, first: usize) -> usize {
        let answered = self.answered.lock().unwrap();
        let judged = answered.get(first..answered.len() - 1).unwrap_or_default();
        judged.split(|answered| *answered).map(<[bool]>::len).max().unwrap_or(0)
    }
}

impl Drop for Ping {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
        self.threads.drain(..).for_each(|thread| drop(thread.join()));
    }
}
