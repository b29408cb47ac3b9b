//! Webhooks: notifications of a room posted to the address that its back end gave.
//!
//! [`outbox`] decides what is sent when; here are the tasks that send. One task for each room with something to send, so that
//! order is kept within a room and no room waits for another one's receiver.

mod outbox;
mod post;
mod signature;
mod target;
#[cfg(test)]
mod tests;

use std::collections::{HashMap, VecDeque};
use std::pin::pin;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::{Duration, Instant};

use bytes::Bytes;
use reqwest::Url;
use tokio::runtime::Handle;
use tokio::sync::{Notify, Semaphore};
use tokio::time::{sleep, sleep_until, timeout};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

pub use outbox::{FIRST_PAUSE, LONGEST_PAUSE, MAX_AGE, MAX_WAITING, MAX_WAITING_BYTES};
pub use post::ATTEMPT_TIMEOUT;
pub use target::MAX_URL;
pub(crate) use target::{TargetError, Targets};

use crate::random;
use outbox::{Delivery, Outbox, Step};
use post::{PostError, Poster, system_lookup};

/// Bytes that may wait in all rooms together.
pub const MAX_WAITING_BYTES_OF_ALL: usize = 64 * 1024 * 1024;

/// Requests under way to one receiver (host and port): a slow one must not use up [`MAX_REQUESTS`].
pub const MAX_REQUESTS_TO_ONE: usize = 32;

/// Requests under way to all receivers, slow ones aside: each holds a connection open.
pub const MAX_REQUESTS: usize = 512;

/// A request that takes longer is a slow one: it leaves its place to others.
pub const SLOW: Duration = Duration::from_secs(1);

/// Slow requests under way to all receivers. One more is given up and tried again later, so that those that wait for a place never wait
/// for receivers that hang, however many.
pub const MAX_SLOW_REQUESTS: usize = 512;

/// Rooms that ended and have something left to post. Each is a task that tries again for up to an hour: whoever creates rooms
/// with a receiver that is gone must not fill the memory with them. More rides out longer outages of a receiver of many rooms.
pub const MAX_ENDED: usize = 1_024;

/// Time for requests under way when the server stops.
const LAST_MOMENT: Duration = Duration::from_secs(1);

/// What webhooks are made of.
pub(crate) struct Setup {
    pub(crate) targets: Arc<Targets>,
    /// Key of the signatures.
    pub(crate) secret: String,
    /// Cancelled when the server stops: what fails from then on is given up.
    pub(crate) closing: CancellationToken,
    pub(crate) tasks: TaskTracker,
}

/// All webhooks of the server.
#[derive(Clone)]
pub(crate) struct Webhooks(Arc<Shared>);

struct Shared {
    poster: Poster,
    hooks: Mutex<HashMap<String, Arc<Hook>>>,
    requests: Semaphore,
    slow_requests: Semaphore,
    requests_to: Mutex<HashMap<String, Weak<Semaphore>>>,
    /// Rooms that ended, in this order; most are told completely soon.
    ended: Mutex<VecDeque<Weak<Hook>>>,
    totals: Totals,
    closing: CancellationToken,
    tasks: TaskTracker,
    runtime: Handle,
}

#[derive(Default)]
struct Totals {
    waiting: AtomicUsize,
    waiting_bytes: AtomicUsize,
    failing: AtomicUsize,
    delivered: AtomicU64,
    failed_attempts: AtomicU64,
    refused: AtomicU64,
    dropped: AtomicU64,
}

/// Figures for operators.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct WebhookStats {
    /// Rooms that have one, those that ended with something to send included.
    pub(crate) rooms: usize,
    /// Rooms whose last attempt failed.
    pub(crate) failing: usize,
    /// Notifications that wait.
    pub(crate) waiting: usize,
    /// Their bytes.
    pub(crate) waiting_bytes: usize,
    /// Notifications delivered.
    pub(crate) delivered: u64,
    /// Attempts that will be repeated.
    pub(crate) failed_attempts: u64,
    /// Notifications not sent because the receiver's address is not allowed.
    pub(crate) refused: u64,
    /// Notifications dropped because too much waited or they waited too long.
    pub(crate) dropped: u64,
}

/// The webhook of one room.
struct Hook {
    room: String,
    url: Url,
    state: Mutex<State>,
    /// Ends a pause: what it waited for was given up.
    given_up: Notify,
}

struct State {
    outbox: Outbox,
    /// A task sends.
    sending: bool,
    /// The room is gone: nothing more comes.
    ended: bool,
    /// It was said in the log that notifications are dropped or refused.
    complained: bool,
}

impl Webhooks {
    /// Webhooks whose tasks run on the current runtime.
    pub(crate) fn new(setup: Setup) -> Result<Self, reqwest::Error> {
        Ok(Self(Arc::new(Shared {
            poster: Poster::new(setup.targets, &setup.secret, system_lookup())?,
            hooks: Mutex::default(),
            requests: Semaphore::new(MAX_REQUESTS),
            slow_requests: Semaphore::new(MAX_SLOW_REQUESTS),
            requests_to: Mutex::default(),
            ended: Mutex::default(),
            totals: Totals::default(),
            closing: setup.closing,
            tasks: setup.tasks,
            runtime: Handle::current(),
        })))
    }

    /// From now on notifications of this room go there.
    pub(crate) fn open(&self, room: &str, url: &str, batching: bool) {
        let Ok(url) = url.parse::<Url>() else {
            tracing::error!(room, "a webhook's address was not checked before");
            return;
        };
        let mut hooks = lock(&self.0.hooks);
        if let Some(before) = hooks.get(room).filter(|before| before.url == url) {
            // A room of the same name ended and is not told completely: what comes now comes after that.
            let mut state = lock(&before.state);
            state.ended = false;
            state.outbox.set_batching(batching);
            return;
        }
        let state = State { outbox: Outbox::new(batching), sending: false, ended: false, complained: false };
        let hook = Hook { room: room.to_owned(), url, state: Mutex::new(state), given_up: Notify::new() };
        hooks.insert(room.to_owned(), Arc::new(hook));
    }

    /// Sends a notification, the encoded message, if its room has a webhook. `is_last`: it tells the room's end.
    pub(crate) fn publish(&self, room: &str, is_last: bool, frame: &Bytes) {
        let Some(hook) = lock(&self.0.hooks).get(room).cloned() else { return };
        let free = MAX_WAITING_BYTES_OF_ALL.saturating_sub(self.0.totals.waiting_bytes.load(Ordering::Relaxed));
        let start = self.0.change(&hook, |state| {
            state.ended |= is_last;
            state.outbox.push(Instant::now(), frame.clone(), free);
            !std::mem::replace(&mut state.sending, true)
        });
        if is_last {
            self.0.bound_ended(&hook);
        }
        if start {
            self.0.tasks.spawn_on(Arc::clone(&self.0).send(hook), &self.0.runtime);
        }
    }

    pub(crate) fn stats(&self) -> WebhookStats {
        let Totals { waiting, waiting_bytes, failing, delivered, failed_attempts, refused, dropped } = &self.0.totals;
        WebhookStats {
            rooms: lock(&self.0.hooks).len(),
            failing: failing.load(Ordering::Relaxed),
            waiting: waiting.load(Ordering::Relaxed),
            waiting_bytes: waiting_bytes.load(Ordering::Relaxed),
            delivered: delivered.load(Ordering::Relaxed),
            failed_attempts: failed_attempts.load(Ordering::Relaxed),
            refused: refused.load(Ordering::Relaxed),
            dropped: dropped.load(Ordering::Relaxed),
        }
    }
}

impl Shared {
    /// Sends until nothing waits.
    async fn send(self: Arc<Self>, hook: Arc<Hook>) {
        loop {
            let step = self.change(&hook, |state| {
                let step = state.outbox.next(Instant::now());
                state.sending = step != Step::Idle;
                step
            });
            match step {
                Step::Send(delivery) => self.attempt(&hook, &delivery).await,
                Step::Idle => return self.forget(&hook),
                Step::Wait(at) => tokio::select! {
                    () = sleep_until(at.into()) => {}
                    () = self.closing.cancelled() => self.change(&hook, |state| state.outbox.clear()),
                    () = hook.given_up.notified() => {}
                },
            }
        }
    }

    async fn attempt(&self, hook: &Hook, delivery: &Delivery) {
        let result = {
            let receiver = self.receiver(&hook.url);
            // Semaphores are never closed: there is always a permit in the end.
            let _one = receiver.acquire().await;
            tokio::select! {
                result = self.in_turn(self.poster.post(&hook.url, delivery)) => result,
                () = self.last_moment() => Err(PostError::TimedOut),
            }
        };
        let totals = &self.totals;
        self.change(hook, |state| match result {
            Ok(()) => {
                if state.outbox.is_failing() {
                    tracing::info!(room = hook.room, "a webhook is delivered again");
                }
                state.complained = false;
                totals.delivered.fetch_add(state.outbox.delivered(), Ordering::Relaxed);
            }
            Err(error @ PostError::Refused) => {
                if !std::mem::replace(&mut state.complained, true) {
                    tracing::warn!(room = hook.room, "a webhook is not delivered: {error}");
                }
                totals.refused.fetch_add(state.outbox.refused(), Ordering::Relaxed);
            }
            Err(error) => {
                if !state.outbox.is_failing() {
                    tracing::warn!(room = hook.room, "a webhook is not delivered and is tried again: {error}");
                }
                totals.failed_attempts.fetch_add(1, Ordering::Relaxed);
                let jitter = f64::from(random::number() as u32) / f64::from(u32::MAX);
                state.outbox.failed(Instant::now(), jitter);
            }
        });
    }

    /// Posts when there is a place, and leaves it when that takes long.
    async fn in_turn(&self, post: impl Future<Output = Result<(), PostError>>) -> Result<(), PostError> {
        let mut post = pin!(post);
        {
            let _place = self.requests.acquire().await;
            if let Ok(result) = timeout(SLOW, &mut post).await {
                return result;
            }
        }
        let Ok(_place) = self.slow_requests.try_acquire() else { return Err(PostError::TimedOut) };
        post.await
    }

    /// A moment after the server was told to stop: what is under way may still arrive.
    async fn last_moment(&self) {
        self.closing.cancelled().await;
        sleep(LAST_MOMENT).await;
    }

    /// Changes a hook's state and keeps the totals.
    fn change<T>(&self, hook: &Hook, change: impl FnOnce(&mut State) -> T) -> T {
        let mut state = lock(&hook.state);
        let before = (state.outbox.len(), state.outbox.bytes(), usize::from(state.outbox.is_failing()));
        let result = change(&mut state);
        let after = (state.outbox.len(), state.outbox.bytes(), usize::from(state.outbox.is_failing()));
        let dropped = state.outbox.take_dropped();
        if dropped > 0 && !std::mem::replace(&mut state.complained, true) {
            tracing::warn!(room = hook.room, "notifications for a webhook are dropped: its receiver has not taken them for too long");
        }
        // Within the lock: a total that is read in between is never below zero.
        let totals = &self.totals;
        totals.dropped.fetch_add(dropped, Ordering::Relaxed);
        for (total, before, after) in
            [(&totals.waiting, before.0, after.0), (&totals.waiting_bytes, before.1, after.1), (&totals.failing, before.2, after.2)]
        {
            total.fetch_add(after.wrapping_sub(before), Ordering::Relaxed);
        }
        result
    }

    /// Remembers that a room ended, and gives up what is left of those that ended first when there are too many.
    fn bound_ended(&self, hook: &Arc<Hook>) {
        let mut ended = lock(&self.ended);
        ended.push_back(Arc::downgrade(hook));
        if ended.len() <= MAX_ENDED {
            return;
        }
        ended.retain(|hook| hook.strong_count() > 0);
        while ended.len() > MAX_ENDED {
            let Some(first) = ended.pop_front().and_then(|first| first.upgrade()) else { continue };
            self.change(&first, |state| {
                // A room of the same name may have begun since.
                if state.ended {
                    state.outbox.clear();
                }
            });
            first.given_up.notify_one();
        }
    }

    /// Forgets the webhook of a room that is gone and told.
    fn forget(&self, hook: &Arc<Hook>) {
        let mut hooks = lock(&self.hooks);
        let state = lock(&hook.state);
        let is_done = state.ended && !state.sending;
        if is_done && hooks.get(&hook.room).is_some_and(|known| Arc::ptr_eq(known, hook)) {
            hooks.remove(&hook.room);
        }
    }

    fn receiver(&self, url: &Url) -> Arc<Semaphore> {
        let name = format!("{}:{}", url.host_str().unwrap_or_default(), url.port_or_known_default().unwrap_or_default());
        let mut receivers = lock(&self.requests_to);
        if let Some(found) = receivers.get(&name).and_then(Weak::upgrade) {
            return found;
        }
        receivers.retain(|_, receiver| receiver.strong_count() > 0);
        let receiver = Arc::new(Semaphore::new(MAX_REQUESTS_TO_ONE));
        receivers.insert(name, Arc::downgrade(&receiver));
        receiver
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
