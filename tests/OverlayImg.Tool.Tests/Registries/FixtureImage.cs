using System.Buffers.Binary;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace OverlayImg.Tool.Tests.Registries;

/// <summary>
/// A small image with constant digests. This class makes every byte, because the output of a library's compressor can change
/// between versions.
/// </summary>
public sealed class FixtureImage
{
    private const string OciManifestType = "application/vnd.oci.image.manifest.v1+json";
    private const string DockerManifestType = "application/vnd.docker.distribution.manifest.v2+json";

    private static readonly JsonSerializerOptions Plain = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <param name="isOci">Whether manifest and config have OCI media types; otherwise those of Docker.</param>
    /// <param name="architecture">Architecture in the config.</param>
    /// <param name="layers">Blobs of the layers and the diff IDs in the config; null for two small layers.</param>
    public FixtureImage(bool isOci, string architecture = "amd64", IReadOnlyList<(byte[] Blob, string DiffId)>? layers = null)
    {
        layers ??= [Layer("etc/motd", "A small image.\n"), Layer("etc/arch", architecture + "\n")];
        Blobs = [.. layers.Select(layer => layer.Blob)];
        Config = Encoding.UTF8.GetBytes(new JsonObject
        {
            ["architecture"] = architecture,
            ["os"] = "linux",
            ["config"] = new JsonObject { ["Cmd"] = new JsonArray("/bin/sh") },
            ["rootfs"] = new JsonObject
            {
                ["type"] = "layers",
                ["diff_ids"] = new JsonArray([.. layers.Select(layer => JsonValue.Create(layer.DiffId))]),
            },
        }.ToJsonString(Plain));
        MediaType = isOci ? OciManifestType : DockerManifestType;
        var configType = isOci ? "application/vnd.oci.image.config.v1+json" : "application/vnd.docker.container.image.v1+json";
        var layerType = isOci ? "application/vnd.oci.image.layer.v1.tar+gzip" : "application/vnd.docker.image.rootfs.diff.tar.gzip";
        Manifest = new JsonObject
        {
            ["schemaVersion"] = 2,
            ["mediaType"] = MediaType,
            ["config"] = Descriptor(configType, Config),
            ["layers"] = new JsonArray([.. Blobs.Select(blob => Descriptor(layerType, blob))]),
        }.ToJsonString(Plain);
    }

    public byte[] Config { get; }

    /// <summary>The blobs of the layers, bottom first.</summary>
    public IReadOnlyList<byte[]> Blobs { get; }

    public string Manifest { get; }

    public string MediaType { get; }

    public string Digest => FakeRegistry.DigestOf(Encoding.UTF8.GetBytes(Manifest));

    /// <summary>Makes a gzip layer with one file, and its diff ID.</summary>
    public static (byte[] Blob, string DiffId) Layer(string path, string text)
    {
        var tar = Tar(path, Encoding.UTF8.GetBytes(text));
        return (Gzip(tar), FakeRegistry.DigestOf(tar));
    }

    /// <summary>Offers the image as the repository <c>image</c> of a registry.</summary>
    public void OfferBy(FakeRegistry registry, string tag = "1")
    {
        foreach (var blob in Blobs.Append(Config)) registry.OfferBlob(blob);
        registry.OfferManifest(Manifest, MediaType, tag);
    }

    /// <summary>Pushes the image to a registry.</summary>
    /// <param name="registry">Host and port of the registry.</param>
    /// <param name="name">Name of the repository.</param>
    /// <param name="tag">Tag of the image; null to push it only by its digest.</param>
    public async Task PutAsync(string registry, string name, string? tag)
    {
        using var client = new HttpClient { BaseAddress = new Uri($"http://{registry}/v2/{name}/") };
        foreach (var blob in Blobs.Append(Config).DistinctBy(FakeRegistry.DigestOf))
        {
            using var begun = (await client.PostAsync("blobs/uploads/", null)).EnsureSuccessStatusCode();
            var place = new UriBuilder(begun.Headers.Location!);
            place.Query += $"&digest={Uri.EscapeDataString(FakeRegistry.DigestOf(blob))}";
            (await client.PutAsync(place.Uri, new ByteArrayContent(blob))).EnsureSuccessStatusCode().Dispose();
        }

        await PutManifestAsync(client, tag ?? Digest, Manifest, MediaType);
    }

    /// <summary>Pushes an index of images that the registry already has.</summary>
    /// <returns>The digest of the index.</returns>
    public static async Task<string> PutIndexAsync(
        string registry, string name, string tag, bool isOci, params (FixtureImage Image, string Architecture)[] images)
    {
        var mediaType = isOci ? "application/vnd.oci.image.index.v1+json" : "application/vnd.docker.distribution.manifest.list.v2+json";
        var manifests = new JsonArray();
        foreach (var (image, architecture) in images)
        {
            var descriptor = Descriptor(image.MediaType, Encoding.UTF8.GetBytes(image.Manifest));
            descriptor["platform"] = new JsonObject { ["architecture"] = architecture, ["os"] = "linux" };
            manifests.Add(descriptor);
        }

        var index = new JsonObject { ["schemaVersion"] = 2, ["mediaType"] = mediaType, ["manifests"] = manifests }.ToJsonString(Plain);
        using var client = new HttpClient { BaseAddress = new Uri($"http://{registry}/v2/{name}/") };
        await PutManifestAsync(client, tag, index, mediaType);
        return FakeRegistry.DigestOf(Encoding.UTF8.GetBytes(index));
    }

    private static async Task PutManifestAsync(HttpClient client, string selector, string text, string mediaType)
    {
        using var content = new ByteArrayContent(Encoding.UTF8.GetBytes(text));
        content.Headers.ContentType = new(mediaType);
        using var answer = await client.PutAsync($"manifests/{selector}", content);
        if (!answer.IsSuccessStatusCode) throw new InvalidOperationException(await answer.Content.ReadAsStringAsync());
    }

    private static JsonObject Descriptor(string mediaType, byte[] bytes) =>
        new() { ["mediaType"] = mediaType, ["size"] = bytes.Length, ["digest"] = FakeRegistry.DigestOf(bytes) };

    private static byte[] Tar(string path, byte[] content)
    {
        var tar = new byte[512 + ((content.Length + 511) / 512 * 512) + 1024];
        void Put(int offset, string text) => Encoding.ASCII.GetBytes(text).CopyTo(tar.AsSpan(offset));
        Put(0, path);
        Put(100, "0000644");
        Put(108, "0000000");
        Put(116, "0000000");
        Put(124, Convert.ToString(content.Length, 8).PadLeft(11, '0'));
        Put(136, "00000000001");
        Put(148, "        ");
        Put(156, "0");
        Put(257, "ustar\0" + "00");
        Put(148, Convert.ToString(tar.Take(512).Sum(value => value), 8).PadLeft(6, '0') + "\0 ");
        content.CopyTo(tar, 512);
        return tar;
    }

    /// <summary>Makes a gzip member of stored blocks (RFC 1951, 3.2.4), whose bytes do not depend on a compressor.</summary>
    public static byte[] Gzip(byte[] bytes)
    {
        var output = new List<byte> { 0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 255 };
        for (var offset = 0; offset < bytes.Length; offset += ushort.MaxValue)
        {
            var length = Math.Min(ushort.MaxValue, bytes.Length - offset);
            output.Add((byte)(offset + length == bytes.Length ? 1 : 0));
            output.AddRange([(byte)length, (byte)(length >> 8), (byte)~length, (byte)(~length >> 8)]);
            output.AddRange(bytes.AsSpan(offset, length));
        }

        var trailer = new byte[8];
        BinaryPrimitives.WriteUInt32LittleEndian(trailer, Crc(bytes));
        BinaryPrimitives.WriteInt32LittleEndian(trailer.AsSpan(4), bytes.Length);
        return [.. output, .. trailer];
    }

    private static uint Crc(byte[] bytes)
    {
        var crc = uint.MaxValue;
        foreach (var value in bytes)
        {
            crc ^= value;
            for (var bit = 0; bit < 8; bit++) crc = (crc & 1) != 0 ? (crc >> 1) ^ 0xEDB88320 : crc >> 1;
        }

        return ~crc;
    }
}
