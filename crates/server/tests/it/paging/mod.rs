//! Pages: joined and cut to the caller's limit, and nobody lost between them.

use crate::world::{Provider, World, directory, ids, person};

#[tokio::test]
async fn every_cut_gives_the_same_people_as_the_whole_list() {
    let provider = Provider::start(directory((0..23).map(person).collect())).await;
    let world = World::new().await;
    let account = world.acme(&provider).await;
    let whole = world.client.users(&account, "limit=1000").await.ok();
    let whole = whole["result"].as_array().unwrap().clone();
    assert_eq!(ids(&whole), (0..23).map(|n| n.to_string()).collect::<Vec<_>>());
    // Smaller than the provider's pages of 7, equal to them, larger, and the whole list.
    for limit in [1, 2, 3, 6, 7, 8, 13, 14, 15, 22, 23, 24, 100] {
        assert_eq!(world.client.all(&account, "", limit).await, whole, "limit {limit}");
    }
}
