"""Trains tokenizers of the usual kinds on a text, writes each as tokenizer.json, and counts texts with them.

stdin: {"corpus": str, "folder": str, "texts": [str]}; stdout: {name: {"counts": [count of each text], "again": [count of each text
after encoding and decoding]}}
"""

import json
import sys
from pathlib import Path

from tokenizers import Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, processors, trainers

LLAMA_SPLIT = (
    r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
)


def byte_level():
    """As GPT-2 and its kin."""
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    tokenizer.post_processor = processors.ByteLevel(trim_offsets=False)
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    return tokenizer, trainers.BpeTrainer(vocab_size=900, initial_alphabet=alphabet, special_tokens=["<|end|>"])


def llama():
    """As Llama 3 and Qwen: split by a pattern, then bytes; a begin-of-text is added around."""
    tokenizer, trainer = byte_level()
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [
            pre_tokenizers.Split(Regex(LLAMA_SPLIT), behavior="isolated"),
            pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False),
        ]
    )
    return tokenizer, trainer


def sentence_pieces():
    """As Llama 2 and Mistral: spaces are letters, unknown characters are bytes."""
    tokenizer = Tokenizer(models.BPE(byte_fallback=True, unk_token="<unk>", fuse_unk=True))
    tokenizer.normalizer = normalizers.Sequence([normalizers.Prepend("▁"), normalizers.Replace(" ", "▁")])
    return tokenizer, trainers.BpeTrainer(
        vocab_size=1200, special_tokens=["<unk>", "<s>", *[f"<0x{byte:02X}>" for byte in range(256)]]
    )


def unigram():
    """As T5 and Gemma's forerunners."""
    tokenizer = Tokenizer(models.Unigram())
    tokenizer.normalizer = normalizers.NFKC()
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace()
    tokenizer.decoder = decoders.Metaspace()
    return tokenizer, trainers.UnigramTrainer(vocab_size=600, special_tokens=["<unk>"], unk_token="<unk>")


def word_piece():
    """As BERT."""
    tokenizer = Tokenizer(models.WordPiece(unk_token="[UNK]"))
    tokenizer.normalizer = normalizers.BertNormalizer(lowercase=True)
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    tokenizer.decoder = decoders.WordPiece()
    return tokenizer, trainers.WordPieceTrainer(vocab_size=700, special_tokens=["[UNK]"])


asked = json.load(sys.stdin)
counts = {}
for kind in (byte_level, llama, sentence_pieces, unigram, word_piece):
    tokenizer, trainer = kind()
    tokenizer.train_from_iterator(asked["corpus"].splitlines(keepends=True), trainer)
    if kind is llama:
        tokenizer.post_processor = processors.TemplateProcessing(single="<|end|> $A", special_tokens=[("<|end|>", 0)])
    tokenizer.save(str(Path(asked["folder"]) / f"{kind.__name__}.json"))
    encoded = [tokenizer.encode(text, add_special_tokens=False).ids for text in asked["texts"]]
    again = [tokenizer.encode(tokenizer.decode(ids), add_special_tokens=False).ids for ids in encoded]
    counts[kind.__name__] = {"counts": [len(ids) for ids in encoded], "again": [len(ids) for ids in again]}
json.dump(counts, sys.stdout)
