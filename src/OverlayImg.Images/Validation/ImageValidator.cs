using OverlayImg.FileSystems.HostDirectory;
using OverlayImg.Images.Archives;
using OverlayImg.Images.Compression;
using OverlayImg.Images.Layouts;
using OverlayImg.Images.Sources;

namespace OverlayImg.Images.Validation;

/// <summary>
/// Reads a whole archive or layout and reports the broken rules: those of the OCI Image Specification, and those of
/// docker, podman and containerd for a docker-archive. Validation stops only if the file is not an archive.
/// </summary>
public static class ImageValidator
{
    // Docker's layer store refuses more (maxLayerDepth) because the length of overlayfs's mount options is limited.
    private const int MaximumLayers = 125;

    /// <summary>Validates an archive or a layout.</summary>
    /// <param name="path">A file, a pipe, a layout's directory, or <c>-</c> for standard input.</param>
    /// <param name="scratch">Directory for copies of pipes and for decompressed archives.</param>
    /// <param name="meter">Makes the receiver of the numbers of bytes read, from the total number of bytes.</param>
    /// <exception cref="InputException">The file is missing or is not an archive.</exception>
    /// <exception cref="MachineException">There is no space for the decompressed data, or a library is missing.</exception>
    public static Task<ValidationReport> RunAsync(
        string path, ScratchDirectory scratch, Func<long, IProgress<int>> meter, CancellationToken cancellationToken) =>
        Task.Run(() =>
        {
            using var standardInput = Console.OpenStandardInput();
            return Run(path, standardInput, new(scratch, SpoolLimits.Default), meter, cancellationToken);
        }, cancellationToken);

    internal static ValidationReport Run(
        string path, Stream standardInput, Spool spool, Func<long, IProgress<int>> meter, CancellationToken cancellationToken)
    {
        var findings = new Findings();
        using var members = Open(path, standardInput, spool, findings, cancellationToken);
        var images = CheckDocuments(new(members, findings), cancellationToken);
        foreach (var image in images.DistinctBy(image => image.ConfigId)) CheckLayerCount(image, findings);
        var files = FilesOf(members, images);
        var read = meter(files.Sum(file => file.Member.Length));
        Parallel.ForEach(files, new() { CancellationToken = cancellationToken }, file => file.Check(read, cancellationToken));
        foreach (var file in files) findings.Add(file.Findings);
        new LinkRules(spool, findings).Check(images, files, cancellationToken);
        var number = images.DistinctBy(image => image.ConfigId).Count();
        return new(findings.Kept, findings.Omitted, findings.OmittedErrors, number, files.Count(file => file.IsLayer));
    }

    private static ImageFiles Open(string path, Stream standardInput, Spool spool, Findings findings, CancellationToken cancellationToken)
    {
        if (path != ArchiveFile.StandardInput && LayoutDirectory.IsLayout(path))
        {
            var layout = new LayoutDirectory(path);
            MemberRules.Check(layout, findings);
            return layout;
        }

        var where = ArchiveFile.PlaceOf(path);
        var source = ArchiveFile.Open(path, standardInput, spool, cancellationToken);
        try
        {
            var members = MemberTable.ReadSound(source, where, cancellationToken);
            if (members.IsRootFileSystem)
            {
                throw new InputException("is the tar of a root file system; archives and layouts are validated", where)
                {
                    Advice = "Make an image of it first: 'overlayimg copy ROOT.tar image.tar'.",
                };
            }

            MemberRules.Check(source, where, findings, cancellationToken);
            return members;
        }
        catch
        {
            source.Dispose();
            throw;
        }
    }

    private static List<CheckedImage> CheckDocuments(ArchiveDocuments documents, CancellationToken cancellationToken)
    {
        var layout = new LayoutRules(documents, cancellationToken);
        var docker = new DockerManifestRules(documents, cancellationToken);
        IReadOnlyCollection<CheckedImage> ociImages = layout.IsThere ? layout.Check() : [];
        IReadOnlyCollection<CheckedImage> dockerImages = docker.IsThere ? docker.Check() : [];
        if (layout.IsThere && docker.IsThere) AgreementRules.Check(ociImages, dockerImages, documents.Findings);
        if (!layout.IsThere && !docker.IsThere)
        {
            documents.Findings.Error(
                "archive-no-image", "archive", "is a tar, but not an image archive: it has neither manifest.json nor index.json");
        }

        return [.. dockerImages, .. ociImages];
    }

    private static void CheckLayerCount(CheckedImage image, Findings findings)
    {
        if (image.Layers.Count > MaximumLayers)
            findings.Warn("image-layers", image.Where, $"has {image.Layers.Count} layers; docker loads no image with more than {MaximumLayers}");
    }

    /// <summary>Lists all layers and blobs, each once, in the archive's order.</summary>
    private static List<StoredFile> FilesOf(ImageFiles members, List<CheckedImage> images)
    {
        var uses = images.SelectMany(image => image.Layers).OfType<LayerUse>().ToLookup(use => use.Member.Place);
        return [.. members.Blobs().Concat(uses.Select(group => group.First().Member)).DistinctBy(member => member.Place)
            .OrderBy(member => member.Place.Offset).ThenBy(member => member.Place.File, StringComparer.Ordinal)
            .Select(member => new StoredFile(member, [.. uses[member.Place].Distinct()]))];
    }
}
