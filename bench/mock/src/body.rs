//! A response body made of slices of the records in memory, sent without copying them together.

use std::{
    collections::VecDeque,
    convert::Infallible,
    pin::Pin,
    task::{Context, Poll},
};

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};

#[derive(Default)]
pub struct Pieces {
    pieces: VecDeque<Bytes>,
    length: u64,
}

impl Pieces {
    pub fn push(&mut self, piece: impl Into<Bytes>) {
        let piece = piece.into();
        self.length += piece.len() as u64;
        // An empty frame would be read as the end of a chunked body.
        if !piece.is_empty() {
            self.pieces.push_back(piece);
        }
    }
}

impl Body for Pieces {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        let next = self.pieces.pop_front();
        if let Some(piece) = &next {
            self.length -= piece.len() as u64;
        }
        Poll::Ready(next.map(|piece| Ok(Frame::data(piece))))
    }

    fn is_end_stream(&self) -> bool {
        self.pieces.is_empty()
    }

    // Exact, so that answers carry Content-Length as the providers' do.
    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.length)
    }
}
