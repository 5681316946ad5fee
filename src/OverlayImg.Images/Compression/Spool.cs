using System.Security.Cryptography;
using OverlayImg.Caching;
using OverlayImg.FileSystems.HostDirectory;

namespace OverlayImg.Images.Compression;

/// <summary>
/// Copies streams without random access (decompressed data, standard input) to temporary files. The files are unlinked
/// while they are open, so that they are freed however the tool ends.
/// </summary>
/// <param name="scratch">Directory of the files.</param>
/// <param name="limits">Limits for decompressed data.</param>
internal sealed class Spool(ScratchDirectory scratch, SpoolLimits limits)
{
    private const long SpaceCheckInterval = 128 << 20;

    /// <summary>The advice for a full directory of temporary files.</summary>
    internal static readonly Advice SpaceAdvice = new("Free space there, or choose another place for the cache.", CacheSetting.Directory);

    /// <summary>
    /// Decompresses <paramref name="compressed"/>, which is disposed of, into a file; <paramref name="hash"/> receives
    /// the data.
    /// </summary>
    /// <exception cref="InputException">The data is damaged, truncated or a decompression bomb.</exception>
    /// <exception cref="MachineException">The disk is full, or a library is missing.</exception>
    public ByteSource Decompress(
        Stream compressed, CompressionFormat format, InputLocation where, CancellationToken cancellationToken, IncrementalHash? hash = null)
    {
        var limit = limits.For(compressed.Length);
        using var stream = Decompression.Open(compressed, format, where);
        return Copy(stream, limit, hash, where, cancellationToken);
    }

    /// <exception cref="MachineException">The disk is full.</exception>
    public ByteSource Copy(Stream stream, InputLocation where, CancellationToken cancellationToken) =>
        Copy(stream, long.MaxValue, null, where, cancellationToken);

    private ByteSource Copy(Stream stream, long limit, IncrementalHash? hash, InputLocation where, CancellationToken cancellationToken)
    {
        var path = scratch.NewPath("spool");
        var handle = File.OpenHandle(path, FileMode.CreateNew, FileAccess.ReadWrite, FileShare.Read | FileShare.Delete);
        try
        {
            File.Delete(path);
            using (var file = new SpoolFile(handle, hash)) Fill(file, stream, limit, where, cancellationToken);
            return new(where.ToString(), handle);
        }
        catch (IOException exception)
        {
            handle.Dispose();
            throw new MachineException($"{where} can't be stored in {scratch.Path}: {exception.Message}", exception) { Advice = SpaceAdvice };
        }
        catch
        {
            handle.Dispose();
            throw;
        }
    }

    private void Fill(SpoolFile file, Stream stream, long limit, InputLocation where, CancellationToken cancellationToken)
    {
        var nextCheck = 0L;
        while (ReadPiece(stream, file.Room, cancellationToken) is > 0 and var count)
        {
            if (count > limit - file.Length) throw IsBomb(limit, where);
            if (file.Length >= nextCheck)
            {
                CheckSpace(where);
                nextCheck = file.Length + SpaceCheckInterval;
            }

            file.Write(count);
        }

        file.Complete();
    }

    // A decoder may return single bytes slowly, so that cancellation is checked at each read.
    private static int ReadPiece(Stream stream, Span<byte> room, CancellationToken cancellationToken)
    {
        var count = 0;
        while (count < room.Length)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var read = stream.Read(room[count..]);
            if (read == 0) break;
            count += read;
        }

        return count;
    }

    private static InputException IsBomb(long limit, InputLocation where) =>
        new($"decompresses to more than {limit} bytes, far more than expected for its size", where)
        {
            Advice = "If the data is intact, decompress it yourself and use the result.",
        };

    private void CheckSpace(InputLocation where)
    {
        var free = new DriveInfo(scratch.Path).AvailableFreeSpace;
        if (free - SpaceCheckInterval >= limits.SpaceToLeave) return;
        throw new MachineException($"{where} can't be stored in {scratch.Path}: only {free >> 20} MiB are free there") { Advice = SpaceAdvice };
    }
}
