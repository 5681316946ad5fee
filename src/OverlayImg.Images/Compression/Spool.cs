using System.Globalization;
using OverlayImg.FileSystems;

namespace OverlayImg.Images;

/// <summary>How much decompressed data we take before we call it a bomb.</summary>
/// <param name="AlwaysAllowed">So many bytes are fine, however small the compressed data is: layers hold sparse files.</param>
/// <param name="Ratio">Beyond that, so many times the size of the compressed data. Real layers stay below 20.</param>
/// <param name="SpaceToLeave">Bytes that must stay free on the disk.</param>
internal sealed record SpoolLimits(long AlwaysAllowed, int Ratio, long SpaceToLeave)
{
    public static SpoolLimits Default { get; } = new(AlwaysAllowed: 16L << 30, Ratio: 200, SpaceToLeave: 256 << 20);

    /// <summary>The most that <paramref name="compressedLength"/> bytes may unpack to.</summary>
    public long For(long compressedLength) => Math.Max(AlwaysAllowed, compressedLength > long.MaxValue / Ratio ? long.MaxValue : compressedLength * Ratio);
}

/// <summary>Copies what can't be read at random (a decompressed stream, standard input) into one temporary file, which has no name any more.</summary>
internal static class Spool
{
    private const int BufferSize = 1 << 20;
    private const long SpaceCheckInterval = 128 << 20;

    /// <summary>Copies the whole of <paramref name="stream"/>.</summary>
    /// <param name="stream">What to copy.</param>
    /// <param name="limit">More bytes than these are an error.</param>
    /// <param name="scratch">Where the file goes. It is gone as soon as the result is disposed.</param>
    /// <param name="where">For messages.</param>
    /// <param name="limits">The space to leave.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    /// <exception cref="InputException">The stream is corrupt, or larger than <paramref name="limit"/>.</exception>
    /// <exception cref="MachineException">The disk is full.</exception>
    public static ByteSource Copy(Stream stream, long limit, ScratchDirectory scratch, InputLocation where, SpoolLimits limits, CancellationToken cancellationToken)
    {
        var path = scratch.NewPath("spool");
        var handle = File.OpenHandle(path, FileMode.CreateNew, FileAccess.ReadWrite, FileShare.Read | FileShare.Delete);
        try
        {
            File.Delete(path);
            Fill(handle, stream, limit, scratch.Path, where, limits, cancellationToken);
            return new(where.ToString(), handle);
        }
        catch (IOException exception)
        {
            handle.Dispose();
            throw new MachineException($"{where} can't be unpacked in {scratch.Path}: {exception.Message}", exception) { Advice = "Free space there, or choose another place with --cache-dir." };
        }
        catch
        {
            handle.Dispose();
            throw;
        }
    }

    private static void Fill(Microsoft.Win32.SafeHandles.SafeFileHandle handle, Stream stream, long limit, string directory, InputLocation where, SpoolLimits limits, CancellationToken cancellationToken)
    {
        var buffer = new byte[BufferSize];
        var (length, nextCheck) = (0L, 0L);
        while (stream.ReadAtLeast(buffer, buffer.Length, throwOnEndOfStream: false) is > 0 and var count)
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (length + count > limit) throw Bomb(limit, where);
            if (length >= nextCheck)
            {
                CheckSpace(directory, where, limits);
                nextCheck = length + SpaceCheckInterval;
            }

            RandomAccess.Write(handle, buffer.AsSpan(0, count), length);
            length += count;
        }
    }

    private static InputException Bomb(long limit, InputLocation where) =>
        new(string.Create(CultureInfo.InvariantCulture, $"unpacks to more than {limit} bytes, far more than data of its size does"), where) { Advice = "If it is sound, decompress it yourself and use the result." };

    private static void CheckSpace(string directory, InputLocation where, SpoolLimits limits)
    {
        var free = new DriveInfo(directory).AvailableFreeSpace;
        if (free - SpaceCheckInterval >= limits.SpaceToLeave) return;
        throw new MachineException(string.Create(CultureInfo.InvariantCulture, $"{where} can't be unpacked in {directory}: only {free >> 20} MiB are free there"))
        {
            Advice = "Free space there, or choose another place with --cache-dir.",
        };
    }
}
