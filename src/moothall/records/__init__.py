"""The hash chain: every act of a person and every act outgoing, append-only."""
