using System.Numerics;

namespace OverlayImg.FileSystems.Ext4.Format;

/// <summary>
/// The hash of a name in an indexed directory: <c>DX_HASH_HALF_MD4</c> with an empty <c>s_hash_seed</c> (kernel documentation,
/// <c>filesystems/ext4/directory</c>, "Hash Tree Directories"). The bytes of the name are signed (<c>EXT2_FLAGS_SIGNED_HASH</c>).
/// </summary>
internal static class DirectoryHash
{
    /// <summary>The number of this hash function: <c>DX_HASH_HALF_MD4</c>.</summary>
    public const byte Version = 1;

    /// <summary>
    /// The largest hash that the kernel looks up. The next value marks the end of a directory, so the kernel replaces it with this value.
    /// e2fsck does not replace it.
    /// </summary>
    public const uint Maximum = 0xFFFF_FFFC;

    private const int WordsPerRound = 8;
    private const int BytesPerRound = WordsPerRound * sizeof(uint);

    /// <summary>Computes the hash of a name. The lowest bit is always 0, because an index stores a flag in it.</summary>
    public static uint Of(ReadOnlySpan<byte> name)
    {
        Span<uint> words = stackalloc uint[WordsPerRound];
        var state = new State(0x6745_2301, 0xEFCD_AB89, 0x98BA_DCFE, 0x1032_5476);
        for (var rest = name; !rest.IsEmpty; rest = rest[Math.Min(BytesPerRound, rest.Length)..])
        {
            Fill(words, rest);
            state = state.Add(words);
        }

        return state.B & ~1u;
    }

    // Converts the name to big-endian words. Missing bytes are filled with the length of the rest of the name.
    private static void Fill(Span<uint> words, ReadOnlySpan<byte> rest)
    {
        var padding = (byte)rest.Length * 0x0101_0101u;
        words.Fill(padding);
        for (var index = 0; index < Math.Min(rest.Length, BytesPerRound); index++)
        {
            ref var word = ref words[index / sizeof(uint)];
            // A negative byte borrows from the bytes before it.
            word = (word << 8) + (uint)(sbyte)rest[index];
        }
    }

    /// <summary>The four words of MD4's state.</summary>
    private readonly record struct State(uint A, uint B, uint C, uint D)
    {
        private const uint SecondConstant = 0x5A82_7999;
        private const uint ThirdConstant = 0x6ED9_EBA1;

        /// <summary>Adds eight words with half of the steps of each of MD4's rounds (RFC 1320).</summary>
        public State Add(ReadOnlySpan<uint> words)
        {
            var (a, b, c, d) = this;
            foreach (var index in (ReadOnlySpan<byte>)[0, 4])
            {
                a = Step(a, Choice(b, c, d), words[index], 3);
                d = Step(d, Choice(a, b, c), words[index + 1], 7);
                c = Step(c, Choice(d, a, b), words[index + 2], 11);
                b = Step(b, Choice(c, d, a), words[index + 3], 19);
            }

            foreach (var index in (ReadOnlySpan<byte>)[1, 0])
            {
                a = Step(a, Majority(b, c, d), words[index] + SecondConstant, 3);
                d = Step(d, Majority(a, b, c), words[index + 2] + SecondConstant, 5);
                c = Step(c, Majority(d, a, b), words[index + 4] + SecondConstant, 9);
                b = Step(b, Majority(c, d, a), words[index + 6] + SecondConstant, 13);
            }

            foreach (var index in (ReadOnlySpan<byte>)[3, 1])
            {
                a = Step(a, b ^ c ^ d, words[index] + ThirdConstant, 3);
                d = Step(d, a ^ b ^ c, words[index + 4] + ThirdConstant, 9);
                c = Step(c, d ^ a ^ b, words[index - 1] + ThirdConstant, 11);
                b = Step(b, c ^ d ^ a, words[index + 3] + ThirdConstant, 15);
            }

            return new(A + a, B + b, C + c, D + d);
        }

        private static uint Step(uint changed, uint mixed, uint word, int rotation) => BitOperations.RotateLeft(changed + mixed + word, rotation);

        private static uint Choice(uint x, uint y, uint z) => z ^ (x & (y ^ z));

        private static uint Majority(uint x, uint y, uint z) => (x & y) + ((x ^ y) & z);
    }
}
