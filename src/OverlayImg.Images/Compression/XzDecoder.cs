using System.Runtime.InteropServices;

namespace OverlayImg.Images.Compression;

/// <summary>Decompresses any number of .xz streams with padding between them, by the system's liblzma.</summary>
internal sealed class XzDecoder : DecoderStream
{
    /// <summary>Limit of the decoder's memory: four times the need of <c>xz -9</c>.</summary>
    private const int MemoryMebibytes = 256;

    private const string Format = "xz";
    private readonly Stream _compressed;
    private readonly byte[] _inputBytes = GC.AllocateUninitializedArray<byte>(128 << 10, pinned: true);
    private readonly byte[] _outputBytes = GC.AllocateUninitializedArray<byte>(128 << 10, pinned: true);
    private LibLzma.StreamState _stream;
    private int _filled;
    private int _taken;
    private bool _isInputAtEnd;
    private bool _isAtEnd;

    /// <exception cref="MachineException">liblzma is not installed.</exception>
    public XzDecoder(Stream compressed, InputLocation where) : base(where)
    {
        LibLzma.Library.Require();
        _compressed = compressed;
        var result = LibLzma.StartDecoder(ref _stream, (ulong)MemoryMebibytes << 20, LibLzma.Concatenated);
        if (result != LibLzma.Result.Ok) throw new MachineException($"liblzma can't be started (lzma_ret {(int)result})");
    }

    protected override int Decode(Span<byte> buffer)
    {
        while (_taken == _filled)
        {
            if (_isAtEnd) return 0;
            Refill();
        }

        var ready = _outputBytes.AsSpan(_taken, Math.Min(buffer.Length, _filled - _taken));
        ready.CopyTo(buffer);
        _taken += ready.Length;
        return ready.Length;
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            LibLzma.End(ref _stream);
            _compressed.Dispose();
        }

        base.Dispose(disposing);
    }

    private void Refill()
    {
        if (_stream.AvailableIn == 0 && !_isInputAtEnd)
        {
            var count = _compressed.Read(_inputBytes);
            _stream.NextIn = Marshal.UnsafeAddrOfPinnedArrayElement(_inputBytes, 0);
            _stream.AvailableIn = (nuint)count;
            _isInputAtEnd = count == 0;
        }

        _stream.NextOut = Marshal.UnsafeAddrOfPinnedArrayElement(_outputBytes, 0);
        _stream.AvailableOut = (nuint)_outputBytes.Length;
        var result = LibLzma.Code(ref _stream, _isInputAtEnd ? LibLzma.Operation.Finish : LibLzma.Operation.Run);
        (_filled, _taken) = (_outputBytes.Length - (int)_stream.AvailableOut, 0);
        switch (result)
        {
            case LibLzma.Result.Ok or LibLzma.Result.UnsupportedCheck:
                break;
            case LibLzma.Result.StreamEnd:
                _isAtEnd = true;
                break;
            case LibLzma.Result.BufferError when _isInputAtEnd:
                throw Truncated(Format);
            case LibLzma.Result.MemoryLimit:
                throw TooDemanding(Format, MemoryMebibytes);
            default:
                throw Corrupt(Format, $"lzma_ret {(int)result}");
        }
    }
}
