using System.Runtime.InteropServices;

namespace OverlayImg.Images;

/// <summary>The part of libzstd's stable streaming interface (zstd.h, 1.4 and later) that we need.</summary>
internal static partial class LibZstd
{
    /// <summary><c>ZSTD_d_windowLogMax</c>.</summary>
    public const int WindowLogMax = 100;

    /// <summary><c>ZSTD_c_compressionLevel</c>.</summary>
    public const int CompressionLevel = 100;

    /// <summary><c>ZSTD_c_checksumFlag</c>.</summary>
    public const int ChecksumFlag = 201;

    /// <summary><c>ZSTD_c_nbWorkers</c>.</summary>
    public const int Workers = 400;

    /// <summary><c>ZSTD_e_continue</c>.</summary>
    public const int Continue = 0;

    /// <summary><c>ZSTD_e_end</c>.</summary>
    public const int End = 2;

    private const string FileName = "libzstd.so.1";

    public static NativeLibraryFile Library { get; } = new(FileName, "the package libzstd1 (Debian, Ubuntu), libzstd (Fedora) or zstd-libs (Alpine)");

    /// <summary><c>ZSTD_inBuffer</c> and <c>ZSTD_outBuffer</c>, which have the same layout.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct Buffer
    {
        /// <summary>Address of the first byte.</summary>
        public nint Start;

        /// <summary>Number of bytes.</summary>
        public nuint Size;

        /// <summary>Number of bytes that are read or written already.</summary>
        public nuint Position;
    }

    /// <summary>A <c>ZSTD_DCtx*</c>.</summary>
    public sealed class Context() : SafeHandle(0, ownsHandle: true)
    {
        public override bool IsInvalid => handle == 0;

        protected override bool ReleaseHandle() => Free(handle) == 0;
    }

    /// <summary>A <c>ZSTD_CCtx*</c>.</summary>
    public sealed class CompressionContext() : SafeHandle(0, ownsHandle: true)
    {
        public override bool IsInvalid => handle == 0;

        protected override bool ReleaseHandle() => FreeCompression(handle) == 0;
    }

    [LibraryImport(FileName, EntryPoint = "ZSTD_versionNumber")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    public static partial uint VersionNumber();

    [LibraryImport(FileName, EntryPoint = "ZSTD_createDCtx")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    public static partial Context CreateContext();

    [LibraryImport(FileName, EntryPoint = "ZSTD_DCtx_setParameter")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    public static partial nuint SetParameter(Context context, int parameter, int value);

    [LibraryImport(FileName, EntryPoint = "ZSTD_decompressStream")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    public static partial nuint Decompress(Context context, ref Buffer output, ref Buffer input);

    [LibraryImport(FileName, EntryPoint = "ZSTD_createCCtx")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    public static partial CompressionContext CreateCompressionContext();

    [LibraryImport(FileName, EntryPoint = "ZSTD_CCtx_setParameter")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    public static partial nuint SetParameter(CompressionContext context, int parameter, int value);

    [LibraryImport(FileName, EntryPoint = "ZSTD_compressStream2")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    public static partial nuint Compress(CompressionContext context, ref Buffer output, ref Buffer input, int operation);

    [LibraryImport(FileName, EntryPoint = "ZSTD_isError")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    public static partial uint IsError(nuint result);

    [LibraryImport(FileName, EntryPoint = "ZSTD_getErrorName")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    public static partial nint ErrorName(nuint result);

    [LibraryImport(FileName, EntryPoint = "ZSTD_getErrorCode")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    public static partial int ErrorCode(nuint result);

    [LibraryImport(FileName, EntryPoint = "ZSTD_freeDCtx")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    private static partial nuint Free(nint context);

    [LibraryImport(FileName, EntryPoint = "ZSTD_freeCCtx")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    private static partial nuint FreeCompression(nint context);
}
