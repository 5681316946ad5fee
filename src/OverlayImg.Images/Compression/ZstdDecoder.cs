using System.Runtime.InteropServices;

namespace OverlayImg.Images;

/// <summary>Decompresses zstd by the system's libzstd: any number of frames, skippable ones among them.</summary>
internal sealed class ZstdDecoder : DecoderStream
{
    /// <summary>The window that every decoder must offer at <c>--ultra</c> levels, and zstd's own default limit: 128 MiB.</summary>
    private const int WindowLog = 27;

    /// <summary><c>ZSTD_error_frameParameter_windowTooLarge</c> (zstd_errors.h).</summary>
    private const int WindowTooLarge = 16;

    private const string Format = "zstd";
    private readonly Stream _compressed;
    private readonly LibZstd.Context _context;
    private readonly byte[] _inputBytes = GC.AllocateUninitializedArray<byte>(128 << 10, pinned: true);
    private readonly byte[] _outputBytes = GC.AllocateUninitializedArray<byte>(128 << 10, pinned: true);
    private LibZstd.Buffer _input;
    private LibZstd.Buffer _output;
    private int _taken;
    private bool _isInputAtEnd;
    private bool _isInFrame = true;

    /// <exception cref="MachineException">libzstd is not installed.</exception>
    public ZstdDecoder(Stream compressed, InputLocation where) : base(where)
    {
        LibZstd.Library.Require();
        _compressed = compressed;
        _context = LibZstd.CreateContext();
        if (_context.IsInvalid) throw new MachineException("libzstd could not get the memory to decompress");
        _ = LibZstd.SetParameter(_context, LibZstd.WindowLogMax, WindowLog);
        _input.Start = Marshal.UnsafeAddrOfPinnedArrayElement(_inputBytes, 0);
        _output = new() { Start = Marshal.UnsafeAddrOfPinnedArrayElement(_outputBytes, 0), Size = (nuint)_outputBytes.Length };
    }

    protected override int Decode(Span<byte> buffer)
    {
        while (_taken == (int)_output.Position)
        {
            if (!Refill()) return 0;
        }

        var ready = _outputBytes.AsSpan(_taken, Math.Min(buffer.Length, (int)_output.Position - _taken));
        ready.CopyTo(buffer);
        _taken += ready.Length;
        return ready.Length;
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _context.Dispose();
            _compressed.Dispose();
        }

        base.Dispose(disposing);
    }

    /// <summary>Decodes one step; false at the end.</summary>
    private bool Refill()
    {
        if (_input.Position == _input.Size && !_isInputAtEnd)
        {
            _input = _input with { Position = 0, Size = (nuint)_compressed.Read(_inputBytes) };
            _isInputAtEnd = _input.Size == 0;
        }

        if (_isInputAtEnd && !_isInFrame) return false;
        // A full output buffer may mean that the decoder holds more, whether or not there is input.
        var mayHoldMore = _output.Position == _output.Size;
        if (_isInputAtEnd && !mayHoldMore) throw Truncated(Format);
        (_output.Position, _taken) = (0, 0);
        var result = LibZstd.Decompress(_context, ref _output, ref _input);
        if (LibZstd.IsError(result) != 0) throw Failure(result);
        _isInFrame = result != 0;
        return true;
    }

    private InputException Failure(nuint result) => LibZstd.ErrorCode(result) == WindowTooLarge
        ? TooDemanding(Format, 1 << (WindowLog - 20))
        : Corrupt(Format, Marshal.PtrToStringUTF8(LibZstd.ErrorName(result)) ?? "unknown error");
}
