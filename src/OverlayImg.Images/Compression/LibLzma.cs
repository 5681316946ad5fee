using System.Runtime.InteropServices;

namespace OverlayImg.Images.Compression;

/// <summary>The part of liblzma's API (lzma/base.h, lzma/container.h, 5.0 and later) that decompression needs.</summary>
internal static partial class LibLzma
{
    /// <summary><c>LZMA_CONCATENATED</c>: continue with the next stream, as <c>xz -d</c> does.</summary>
    public const uint Concatenated = 0x08;

    private const string FileName = "liblzma.so.5";

    public static NativeLibraryFile Library { get; } = new(FileName, "the package liblzma5 (Debian, Ubuntu) or xz-libs (Fedora, Alpine)");

    /// <summary><c>lzma_action</c>.</summary>
    public enum Operation
    {
        Run = 0,
        Finish = 3,
    }

    /// <summary><c>lzma_ret</c>.</summary>
    public enum Result
    {
        Ok = 0,
        StreamEnd = 1,
        UnsupportedCheck = 3,
        MemoryLimit = 6,
        BufferError = 10,
    }

    /// <summary><c>lzma_stream</c>.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct StreamState
    {
        /// <summary><c>next_in</c>, an address.</summary>
        public nint NextIn;

        /// <summary><c>avail_in</c>, in bytes.</summary>
        public nuint AvailableIn;

        /// <summary><c>total_in</c>, in bytes.</summary>
        public ulong TotalIn;

        /// <summary><c>next_out</c>, an address.</summary>
        public nint NextOut;

        /// <summary><c>avail_out</c>, in bytes.</summary>
        public nuint AvailableOut;

        /// <summary><c>total_out</c>, in bytes.</summary>
        public ulong TotalOut;

        private readonly nint _allocator;
        private readonly nint _internal;
        private readonly nint _reserved1, _reserved2, _reserved3, _reserved4;
        private readonly ulong _seek, _reserved5;
        private readonly nuint _reserved6, _reserved7;
        private readonly int _reserved8, _reserved9;
    }

    [LibraryImport(FileName, EntryPoint = "lzma_version_number")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    public static partial uint VersionNumber();

    [LibraryImport(FileName, EntryPoint = "lzma_stream_decoder")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    public static partial Result StartDecoder(ref StreamState stream, ulong memoryLimit, uint flags);

    [LibraryImport(FileName, EntryPoint = "lzma_code")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    public static partial Result Code(ref StreamState stream, Operation operation);

    [LibraryImport(FileName, EntryPoint = "lzma_end")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    public static partial void End(ref StreamState stream);
}
