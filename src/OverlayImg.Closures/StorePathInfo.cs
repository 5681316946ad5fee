using OverlayImg.FileSystems;
using OverlayImg.Images.Digests;

namespace OverlayImg.Closures;

/// <summary>A store path as a closure knows it.</summary>
/// <param name="Path">Absolute, directly in the store.</param>
/// <param name="References">The store paths that it needs, itself among them where it names itself: each once, sorted byte by byte.</param>
/// <param name="Nar">Of its content, where the closure came with it.</param>
internal sealed record StorePathInfo(ByteString Path, IReadOnlyList<ByteString> References, NarDigest? Nar = null);

/// <summary>What Nix registers of a store path's content.</summary>
/// <param name="Hash">SHA-256 of its Nix archive.</param>
/// <param name="Size">Length of that archive in bytes.</param>
internal readonly record struct NarDigest(Digest Hash, long Size);
