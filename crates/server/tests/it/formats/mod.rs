//! Response formats.

mod debug;
mod keyed;
mod normalized;
mod raw;
mod stream;
mod unified;

use serde_json::json;

use crate::world::{Provider, World, directory, person};

#[tokio::test]
async fn a_format_that_is_none_is_400_with_the_nearest() {
    let provider = Provider::start(directory((0..3).map(person).collect())).await;
    let world = World::new().await;
    let account = world.acme(&provider).await;
    let wrong = world.client.users(&account, "truto_response_format=normalised").await;
    wrong.says(400, &["normalised", "did you mean `normalized`?", "unified, raw"]);
    world.client.users(&account, "truto_response_format=").await.says(400, &["truto_response_format"]);
    let default = world.client.users(&account, "").await.ok();
    let unified = world.client.users(&account, "truto_response_format=unified").await.ok();
    assert_eq!(default, unified);
    assert_eq!(default["result"][0]["first_name"], json!("Given0"));
}
