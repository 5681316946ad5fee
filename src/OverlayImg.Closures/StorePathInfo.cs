using OverlayImg.FileSystems;
using OverlayImg.Images.Digests;

namespace OverlayImg.Closures;

/// <summary>A store path in a closure.</summary>
/// <param name="Path">Absolute path of an entry directly in the store.</param>
/// <param name="References">The store paths that the content names, possibly the path itself: each once, sorted byte by byte.</param>
/// <param name="Nar">Hash and size of the Nix archive; null if the closure does not have them.</param>
internal sealed record StorePathInfo(ByteString Path, IReadOnlyList<ByteString> References, NarDigest? Nar = null);

/// <summary>The hash and size that Nix registers for a store path.</summary>
/// <param name="Hash">SHA-256 of the path's Nix archive.</param>
/// <param name="Size">Length of the Nix archive in bytes.</param>
internal readonly record struct NarDigest(Digest Hash, long Size);
