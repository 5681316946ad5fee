using System.Globalization;
using System.Security.Cryptography;

namespace OverlayImg.Sandbox;

/// <summary>
/// The guest image, built by <c>vm-images/build</c>: a kernel (an uncompressed ELF file that QEMU enters by PVH) and an initramfs.
/// </summary>
public sealed class GuestImage
{
    /// <summary>Environment variable that names the directory of another guest image.</summary>
    public const string Variable = "OVERLAYIMG_GUEST_IMAGE";

    private const string KernelName = "vmlinux";
    private const string InitramfsName = "initramfs";
    private const string RecordName = "guest-image.json";

    private GuestImage(string kernel, string initramfs) => (KernelPath, InitramfsPath) = (kernel, initramfs);

    /// <summary>Absolute path of the kernel.</summary>
    public string KernelPath { get; }

    /// <summary>Absolute path of the initramfs.</summary>
    public string InitramfsPath { get; }

    /// <summary>Finds the guest image in <c>$OVERLAYIMG_GUEST_IMAGE</c>, otherwise in <c>guest/</c> beside the tool's assembly.</summary>
    /// <exception cref="MachineException">The kernel or the initramfs is missing.</exception>
    public static GuestImage Find() => Open(
        Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } directory ? directory : Path.Combine(AppContext.BaseDirectory, "guest"));

    /// <summary>Opens the guest image in <paramref name="directory"/>.</summary>
    /// <exception cref="MachineException">The kernel or the initramfs is missing.</exception>
    public static GuestImage Open(string directory)
    {
        directory = Path.GetFullPath(directory);
        var image = new GuestImage(Path.Combine(directory, KernelName), Path.Combine(directory, InitramfsName));
        foreach (var path in new[] { image.KernelPath, image.InitramfsPath })
        {
            if (!File.Exists(path))
            {
                throw new MachineException($"The guest image is incomplete: {path} does not exist")
                {
                    Advice = $"Make it with vm-images/build, or name its directory in ${Variable}.",
                };
            }
        }

        return image;
    }

    /// <summary>
    /// Identity of the guest image, from the build record (which holds the digests of both files) and the file sizes. Without a build record, from
    /// sizes and modification times. Two installations of one guest image have the same identity. Neither file is read.
    /// </summary>
    public string Identity
    {
        get
        {
            var record = Path.Combine(Path.GetDirectoryName(KernelPath)!, RecordName);
            if (!File.Exists(record)) return $"{FileIdentity(KernelPath)},{FileIdentity(InitramfsPath)}";
            var digest = Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(record)));
            return string.Create(CultureInfo.InvariantCulture, $"{digest},{Resolved(KernelPath).Length},{Resolved(InitramfsPath).Length}");
        }
    }

    /// <summary>
    /// Computes a SHA-256, in lower-case hexadecimal, over the SHA-256 digests of kernel and initramfs. Reads about 60 MB. For uses where a false
    /// match of <see cref="Identity"/> would be harmful.
    /// </summary>
    public async Task<string> DigestAsync(CancellationToken cancellationToken)
    {
        var digests = await Task.WhenAll(HashAsync(KernelPath), HashAsync(InitramfsPath));
        return Convert.ToHexStringLower(SHA256.HashData([.. digests[0], .. digests[1]]));

        async Task<byte[]> HashAsync(string path)
        {
            await using var file = File.OpenRead(path);
            return await SHA256.HashDataAsync(file, cancellationToken);
        }
    }

    private static FileInfo Resolved(string path)
    {
        var file = new FileInfo(path);
        return file.ResolveLinkTarget(returnFinalTarget: true) as FileInfo ?? file;
    }

    /// <summary>Size and modification time of a file. Symbolic links are followed.</summary>
    internal static string FileIdentity(string path)
    {
        var file = Resolved(path);
        return string.Create(CultureInfo.InvariantCulture, $"{file.Length}@{file.LastWriteTimeUtc.Ticks}");
    }
}
