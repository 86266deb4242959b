// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.0;

/// Tokens of which each is like no other (ERC-721).
contract Unique {
    event Transfer(address indexed from, address indexed to, uint256 indexed tokenId);

    mapping(uint256 => address) public ownerOf;

    function mint(uint256 tokenId) external {
        ownerOf[tokenId] = msg.sender;
        emit Transfer(address(0), msg.sender, tokenId);
    }

    function transferFrom(address from, address to, uint256 tokenId) external {
        require(ownerOf[tokenId] == msg.sender && from == msg.sender, "not the owner");
        ownerOf[tokenId] = to;
        emit Transfer(from, to, tokenId);
    }
}

/// Tokens of several kinds (ERC-1155).
contract Multiple {
    event TransferSingle(
        address indexed operator, address indexed from, address indexed to, uint256 id, uint256 value
    );
    event TransferBatch(
        address indexed operator, address indexed from, address indexed to, uint256[] ids, uint256[] values
    );

    mapping(uint256 => mapping(address => uint256)) public balanceOf;

    function mint(uint256 id, uint256 value) external {
        balanceOf[id][msg.sender] += value;
        emit TransferSingle(msg.sender, address(0), msg.sender, id, value);
    }

    function give(address to, uint256[] calldata ids, uint256[] calldata values) external {
        for (uint256 at = 0; at < ids.length; at++) {
            balanceOf[ids[at]][msg.sender] -= values[at];
            balanceOf[ids[at]][to] += values[at];
        }
        emit TransferBatch(msg.sender, msg.sender, to, ids, values);
    }
}
