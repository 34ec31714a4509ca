use anyhow::anyhow;

pub async fn run(rx: Receiver) -> anyhow::Result<()> {
    tokio::select! {
        got = rx.recv() => { return Err(anyhow::anyhow!("{got} {")); }
        _ = stop() => { outer!(inner!(anyhow!("{} {}", 1))) }
    }
    assert!(rx.ok(), "{}", anyhow!("} {}", 1));
    Ok(())
}
