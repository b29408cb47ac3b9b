use net::affinity::pin_current_thread;

#[test]
fn a_thread_stays_on_its_core_and_numbers_wrap_around() {
    std::thread::spawn(|| {
        let cores = std::thread::available_parallelism().unwrap().get();
        let core = pin_current_thread(0).unwrap();
        assert_eq!(std::thread::available_parallelism().unwrap().get(), 1);
        // Only one core is allowed now, so every number means it.
        assert_eq!(pin_current_thread(cores + 3).unwrap(), core);
    })
    .join()
    .unwrap();
}
